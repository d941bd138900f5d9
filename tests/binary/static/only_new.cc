// SPDX-License-Identifier: MulanPSL-2.0
// Calls malloc only by way of libstdc++, whose archive comes behind libgmem's.
int* volatile number;

int main() {
  number = new int(1);
  delete number;
}
