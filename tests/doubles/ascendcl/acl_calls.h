// SPDX-License-Identifier: MulanPSL-2.0
// The Ascend runtime for a test program that loads it by name.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_ACL_CALLS_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_ACL_CALLS_H

#include <dlfcn.h>

#include "doubles/ascendcl/acl.h"

// A call that the library lacks is null, for some variants lack some.
struct AclCalls {
  explicit AclCalls(void* library) {
    find(library, "aclInit", Init);
    find(library, "aclFinalize", Finalize);
    find(library, "aclFinalizeReference", FinalizeReference);
    find(library, "aclGetRecentErrMsg", GetRecentErrMsg);
    find(library, "aclrtSetDevice", SetDevice);
    find(library, "aclrtResetDevice", ResetDevice);
    find(library, "aclrtGetDevice", GetDevice);
    find(library, "aclrtGetDeviceCount", GetDeviceCount);
    find(library, "aclrtGetMemInfo", GetMemInfo);
    find(library, "aclrtCreateContext", CreateContext);
    find(library, "aclrtDestroyContext", DestroyContext);
    find(library, "aclrtGetCurrentContext", GetCurrentContext);
    find(library, "aclrtSetCurrentContext", SetCurrentContext);
    find(library, "aclrtCreateStream", CreateStream);
    find(library, "aclrtDestroyStream", DestroyStream);
    find(library, "aclrtSynchronizeStream", SynchronizeStream);
    find(library, "aclrtSynchronizeStreamWithTimeout",
         SynchronizeStreamWithTimeout);
    find(library, "aclrtStreamQuery", StreamQuery);
    find(library, "aclrtStreamGetId", StreamGetId);
    find(library, "aclrtLaunchHostFunc", LaunchHostFunc);
    find(library, "aclrtLaunchCallback", LaunchCallback);
    find(library, "aclrtSubscribeReport", SubscribeReport);
    find(library, "aclrtUnSubscribeReport", UnSubscribeReport);
    find(library, "aclrtProcessReport", ProcessReport);
  }

  decltype(&::aclInit) Init;
  decltype(&::aclFinalize) Finalize;
  decltype(&::aclFinalizeReference) FinalizeReference;
  decltype(&::aclGetRecentErrMsg) GetRecentErrMsg;
  decltype(&::aclrtSetDevice) SetDevice;
  decltype(&::aclrtResetDevice) ResetDevice;
  decltype(&::aclrtGetDevice) GetDevice;
  decltype(&::aclrtGetDeviceCount) GetDeviceCount;
  decltype(&::aclrtGetMemInfo) GetMemInfo;
  decltype(&::aclrtCreateContext) CreateContext;
  decltype(&::aclrtDestroyContext) DestroyContext;
  decltype(&::aclrtGetCurrentContext) GetCurrentContext;
  decltype(&::aclrtSetCurrentContext) SetCurrentContext;
  decltype(&::aclrtCreateStream) CreateStream;
  decltype(&::aclrtDestroyStream) DestroyStream;
  decltype(&::aclrtSynchronizeStream) SynchronizeStream;
  decltype(&::aclrtSynchronizeStreamWithTimeout) SynchronizeStreamWithTimeout;
  decltype(&::aclrtStreamQuery) StreamQuery;
  decltype(&::aclrtStreamGetId) StreamGetId;
  decltype(&::aclrtLaunchHostFunc) LaunchHostFunc;
  decltype(&::aclrtLaunchCallback) LaunchCallback;
  decltype(&::aclrtSubscribeReport) SubscribeReport;
  decltype(&::aclrtUnSubscribeReport) UnSubscribeReport;
  decltype(&::aclrtProcessReport) ProcessReport;

 private:
  template <typename Function>
  static void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
  }
};

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_ACL_CALLS_H
