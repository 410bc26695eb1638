// A libcuda.so.1 that runs kernels on the CPU: the part of the driver API that Cortado uses, so that JCudaDriver and all
// of our Java code run unchanged on a machine without a GPU.
//
// As on a GPU, what is put on a stream runs later: here, when somebody waits for it. So a host read that nobody waited
// for finds old values, and a staging buffer that is overwritten too early spoils the copy. Device memory holds NaN
// until written and has a guard in front and behind, looked at after every kernel. Errors stick to the next call that
// waits, and say more than a driver would.
//
// This file is the device, its context and its errors; what else there is stands in the files beside it.
#include "driver.h"

#include <atomic>
#include <cstdio>

using namespace driver;

std::recursive_mutex driver::lock;
size_t driver::memoryLimit = size_t{2} << 30;
// Few, so that loops over a grid go round more than once, those over four elements at a time too.
int driver::multiprocessors = 3;
int driver::capability = 75;
bool driver::eager = false;
thread_local void* driver::context = nullptr;
thread_local std::string driver::lastMessage;

namespace {

constexpr int kVersion = 13000;

// On a GPU a context does not survive a kernel's fault: with errorsStay, neither does the emulated one, and every later
// call that needs it gives the same error. Without it the error is told once, so that a test can go on after it.
bool errorsStay = false;
std::atomic<Result> staying{kSuccess};
std::string stayingMessage;

}  // namespace

Result driver::fail(Result code, const std::string& message) {
  lastMessage = message;
  if (errorsStay && staying == kSuccess && (code == kIllegalAddress || code == kLaunchFailed)) {
    stayingMessage = message;
    staying = code;
  }
  return code;
}
Result driver::broken() { return staying; }
Result driver::failBroken() { return fail(staying, stayingMessage); }
void driver::keepErrors(bool stay) {
  errorsStay = stay;
  staying = kSuccess;
  // As only a new process does on a GPU.
  told(kSuccess);
}

EXPORT Result cuInit(unsigned) { return kSuccess; }
EXPORT Result cuDriverGetVersion(int* v) { *v = kVersion; return kSuccess; }
EXPORT Result cuDeviceGetCount(int* n) { *n = 1; return kSuccess; }
EXPORT Result cuDeviceGet(int* d, int ordinal) {
  *d = ordinal;
  return ordinal == 0 ? kSuccess : fail(101, "the emulated driver has one device");
}
EXPORT Result cuDeviceGetName(char* name, int n, int) {
  snprintf(name, static_cast<size_t>(n), "Cortado's emulated device");
  return kSuccess;
}
EXPORT Result cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = memoryLimit; return kSuccess; }
EXPORT Result cuDeviceGetAttribute(int* v, int attribute, int) {
  switch (attribute) {
    case 1: *v = emu::kMaxThreads; break;                              // threads in a block
    case 5: case 6: case 7: *v = attribute == 5 ? 2147483647 : 65535; break;  // grid x, y, z
    case 8: *v = static_cast<int>(emu::kStaticShared); break;           // shared memory in a block
    case 10: *v = 32; break;                                           // warp size
    case 13: *v = 1000000; break;                                      // clock, kHz
    case 16: *v = multiprocessors; break;
    case 36: *v = 1000000; break;                                      // memory clock, kHz
    case 37: *v = 256; break;                                          // memory bus, bits
    case 38: *v = 4 << 20; break;                                      // L2, bytes
    case 75: *v = capability / 10; break;
    case 76: *v = capability % 10; break;
    case 97: *v = static_cast<int>(emu::kDynamicShared); break;         // shared memory in a block, opt-in
    default: *v = 0;
  }
  return kSuccess;
}
EXPORT Result cuDevicePrimaryCtxRetain(void** c, int) { *c = reinterpret_cast<void*>(1); return kSuccess; }
EXPORT Result cuDevicePrimaryCtxRelease_v2(int) { return kSuccess; }
EXPORT Result cuCtxSetCurrent(void* c) { context = c; return kSuccess; }
EXPORT Result cuCtxGetCurrent(void** c) { *c = context; return kSuccess; }

EXPORT Result cuCtxSynchronize() {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("waiting for the device");
  return told(flushAll());
}

EXPORT Result cuGetErrorName(int e, const char** s) {
  static std::map<int, std::string> names = {{0, "CUDA_SUCCESS"}, {1, "CUDA_ERROR_INVALID_VALUE"},
      {2, "CUDA_ERROR_OUT_OF_MEMORY"}, {201, "CUDA_ERROR_INVALID_CONTEXT"}, {218, "CUDA_ERROR_INVALID_PTX"},
      {500, "CUDA_ERROR_NOT_FOUND"}, {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {719, "CUDA_ERROR_LAUNCH_FAILED"},
      {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"}, {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
      {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"}};
  static thread_local std::string other;
  auto n = names.find(e);
  other = "CUDA_ERROR_" + std::to_string(e);
  *s = n == names.end() ? other.c_str() : n->second.c_str();
  return kSuccess;
}
EXPORT Result cuGetErrorString(int, const char** s) {
  static thread_local std::string message;
  message = lastMessage;
  *s = message.c_str();
  return kSuccess;
}
