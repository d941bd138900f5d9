// SPDX-License-Identifier: MulanPSL-2.0
// A double of the Ascend runtime, libascendcl.so, for tests on machines without
// an Ascend card: real threads and real order, but no device.  This is the part
// of the runtime's interface that it has, as the public documentation gives it.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_ACL_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_ACL_H

#include <cstddef>
#include <cstdint>

using aclError = int;
using aclrtContext = void*;
using aclrtStream = void*;
using aclrtFunction = void (*)(void* data);

enum AclCode : aclError {
  kAclSuccess = 0,
  kAclInvalidParam = 100000,
  kAclUninitialized = 100001,
  kAclRepeatInitialize = 100002,
  kAclRepeatSubscribe = 100033,
  kAclStreamNotSubscribed = 100034,
  kAclThreadNotSubscribed = 100035,
  kAclReportTimeout = 100036,
  kAclRepeatFinalize = 100037,
  kAclRtParam = 107000,
  kAclRtDevice = 107001,
  kAclRtNoContext = 107002,
  kAclRtStreamContext = 107003,
  kAclRtSubscribeStream = 107011,
  kAclRtSubscribeThread = 107012,
  kAclRtNoCallbackThread = 107015,
  kAclRtInvalidHandle = 107017,
  kAclRtWaitTimeout = 107019,
  kAclBadAlloc = 200000,
  kAclInternal = 500000,
  kAclRtInternal = 507000,
  kAclRtReportTimeout = 507012,
};

enum AclBlockType { kAclNoBlock = 0, kAclBlock = 1 };
enum AclStreamStatus { kAclStreamComplete = 0, kAclStreamNotReady = 1 };
enum AclMemAttr { kAclDdr = 0, kAclHbm = 1 };

extern "C" {
aclError aclInit(const char* config);
aclError aclFinalize();
aclError aclFinalizeReference(std::uint64_t* count);
const char* aclGetRecentErrMsg();

aclError aclrtSetDevice(std::int32_t device);
aclError aclrtResetDevice(std::int32_t device);
aclError aclrtGetDevice(std::int32_t* device);
aclError aclrtGetDeviceCount(std::uint32_t* count);
aclError aclrtGetMemInfo(int attr, std::size_t* free, std::size_t* total);

aclError aclrtCreateContext(aclrtContext* context, std::int32_t device);
aclError aclrtDestroyContext(aclrtContext context);
aclError aclrtGetCurrentContext(aclrtContext* context);
aclError aclrtSetCurrentContext(aclrtContext context);

aclError aclrtCreateStream(aclrtStream* stream);
aclError aclrtDestroyStream(aclrtStream stream);
aclError aclrtSynchronizeStream(aclrtStream stream);
aclError aclrtSynchronizeStreamWithTimeout(aclrtStream stream,
                                           std::int32_t milliseconds);
aclError aclrtStreamQuery(aclrtStream stream, int* status);
aclError aclrtStreamGetId(aclrtStream stream, std::int32_t* id);

aclError aclrtLaunchHostFunc(aclrtStream stream, aclrtFunction function,
                             void* data);

aclError aclrtLaunchCallback(aclrtFunction function, void* data, int block_type,
                             aclrtStream stream);
aclError aclrtSubscribeReport(std::uint64_t thread, aclrtStream stream);
aclError aclrtUnSubscribeReport(std::uint64_t thread, aclrtStream stream);
aclError aclrtProcessReport(std::int32_t milliseconds);
}

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_ACL_H
