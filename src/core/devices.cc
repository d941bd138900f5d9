// SPDX-License-Identifier: MulanPSL-2.0
#include "core/devices.h"

#include <pthread.h>
#include <string.h>

#include <atomic>

#include "core/conf.h"
#include "core/log.h"

// core/device_list.inc names the directories of --with-device, in order.
#define GMEM_DEVICE(directory) \
  namespace gmem::directory {  \
  Device& device();            \
  }
#include "core/device_list.inc"
#undef GMEM_DEVICE

namespace gmem {
namespace {

using DeviceOf = Device& (*)();

constexpr DeviceOf kDevices[] = {
#define GMEM_DEVICE(directory) &directory::device,
#include "core/device_list.inc"
#undef GMEM_DEVICE
};
constexpr std::size_t kDeviceCount = sizeof kDevices / sizeof kDevices[0];

Device* chosen = nullptr;
pthread_once_t choosing = PTHREAD_ONCE_INIT;

bool can_serve(Device& device) {
  const Availability found = device.probe();
  if (found.error != 0)
    log(LogLevel::kInfo, "device %s cannot be used: %s", device.name(),
        found.reason);
  return found.error == 0;
}

void choose() {
  const char* pinned = conf().device;
  for (const DeviceOf device_of : kDevices) {
    Device& device = device_of();
    if (pinned[0] != '\0' && strcmp(pinned, device.name()) != 0) continue;
    if (can_serve(device)) {
      chosen = &device;
      return;
    }
  }
}

std::atomic<Device*> chunk_device_chosen{nullptr};

// Several threads may come here at once, and find the same.
Device& choose_chunk_device() {
  Device* device = &kDevices[0]();
  for (const DeviceOf device_of : kDevices)
    if (strcmp(conf().device, device_of().name()) == 0) device = &device_of();
  chunk_device_chosen.store(device, std::memory_order_relaxed);
  return *device;
}

}  // namespace

DeviceList compiled_in_devices() {
  static Device* list[kDeviceCount];
  // Every caller stores the same addresses, so a race is harmless.
  for (std::size_t i = 0; i < kDeviceCount; ++i)
    __atomic_store_n(&list[i], &kDevices[i](), __ATOMIC_RELAXED);
  return {list, kDeviceCount};
}

Device* current_device() {
  pthread_once(&choosing, choose);
  return chosen;
}

Device& chunk_device() {
  Device* const fixed = chunk_device_chosen.load(std::memory_order_relaxed);
  return fixed != nullptr ? *fixed : choose_chunk_device();
}

}  // namespace gmem
