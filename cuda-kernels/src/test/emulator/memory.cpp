// The emulated driver's memory, and copies and fills of it.
#include <cstdlib>
#include <memory>

#include "device_memory.h"
#include "driver.h"

using namespace driver;

namespace {

constexpr unsigned char kPoison = 0xFF;

std::map<char*, size_t> pinned;

Result copy(void* to, const void* from, size_t bytes, bool toDevice, bool fromDevice) {
  if ((toDevice && !emu::isDevice(to, bytes)) ||
      (fromDevice && !emu::isDevice(from, bytes))) {
    return fail(kIllegalAddress, "a copy of " + std::to_string(bytes) + " bytes leaves its allocation");
  }
  memmove(to, from, bytes);
  return kSuccess;
}

bool isPinned(const void* p) {
  auto next = pinned.upper_bound(static_cast<char*>(const_cast<void*>(p)));
  return next != pinned.begin() && static_cast<const char*>(p) < std::prev(next)->first + std::prev(next)->second;
}

template <class T> Result set(DevicePointer to, T value, size_t n) {
  T* p = reinterpret_cast<T*>(to);
  if (!emu::isDevice(p, n * sizeof(T))) return fail(kIllegalAddress, "a memset leaves its allocation");
  for (size_t i = 0; i < n; i++) p[i] = value;
  return kSuccess;
}

}  // namespace

EXPORT Result cuMemAlloc_v2(DevicePointer* p, size_t bytes) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("taking device memory");
  if (bytes == 0) return fail(kInvalidValue, "an allocation of 0 bytes");
  char* at = emu::deviceMemoryUsed() + bytes > memoryLimit ? nullptr : emu::allocateDevice(bytes);
  if (at == nullptr) return fail(kOutOfMemory, "out of memory");
  *p = reinterpret_cast<DevicePointer>(at);
  return kSuccess;
}
EXPORT Result cuMemFree_v2(DevicePointer p) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("giving device memory back");
  Result r = told(flushAll());
  if (r != kSuccess) return r;
  return emu::freeDevice(reinterpret_cast<char*>(p)) ? kSuccess : fail(kInvalidValue, "freed what is not allocated");
}
EXPORT Result cuMemGetInfo_v2(size_t* free, size_t* total) {
  NEEDS_CONTEXT;
  *free = memoryLimit - emu::deviceMemoryUsed();
  *total = memoryLimit;
  return kSuccess;
}
EXPORT Result cuMemHostAlloc(void** p, size_t bytes, unsigned) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("taking page-locked memory");
  *p = malloc(bytes == 0 ? 1 : bytes);
  if (*p == nullptr) return fail(kOutOfMemory, "out of host memory");
  memset(*p, kPoison, bytes);
  pinned[static_cast<char*>(*p)] = bytes;
  return kSuccess;
}
EXPORT Result cuMemFreeHost(void* p) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("giving page-locked memory back");
  flushAll();
  pinned.erase(static_cast<char*>(p));
  free(p);
  return kSuccess;
}
EXPORT Result cuMemHostGetDevicePointer_v2(DevicePointer* d, void* p, unsigned) {
  NEEDS_CONTEXT;
  if (!isPinned(p)) return fail(kInvalidValue, "no device address for memory that is not page-locked");
  *d = reinterpret_cast<DevicePointer>(p);
  return kSuccess;
}

EXPORT Result cuMemcpyHtoD_v2(DevicePointer d, const void* s, size_t n) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return synchronous([=] { return copy(reinterpret_cast<void*>(d), s, n, true, false); });
}
EXPORT Result cuMemcpyDtoH_v2(void* d, DevicePointer s, size_t n) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return synchronous([=] { return copy(d, reinterpret_cast<void*>(s), n, false, true); });
}
EXPORT Result cuMemcpyHtoDAsync_v2(DevicePointer d, const void* s, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  if (isPinned(s)) {
    return enqueue(st, 1, [=] { return copy(reinterpret_cast<void*>(d), s, n, true, false); });
  }
  NOT_IN_A_CAPTURE("a copy from memory that is not page-locked");
  auto bytes = std::make_shared<std::vector<char>>(static_cast<const char*>(s), static_cast<const char*>(s) + n);
  return enqueue(st, 1, [=] { return copy(reinterpret_cast<void*>(d), bytes->data(), n, true, false); });
}
EXPORT Result cuMemcpyDtoHAsync_v2(void* d, DevicePointer s, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  if (!isPinned(d)) {
    NOT_IN_A_CAPTURE("a copy into memory that is not page-locked");
    return fail(kInvalidValue, "an asynchronous copy into memory that is not page-locked");
  }
  return enqueue(st, 1, [=] { return copy(d, reinterpret_cast<void*>(s), n, false, true); });
}
EXPORT Result cuMemcpyDtoDAsync_v2(DevicePointer d, DevicePointer s, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(st, 1, [=] { return copy(reinterpret_cast<void*>(d), reinterpret_cast<void*>(s), n, true, true); });
}
EXPORT Result cuMemsetD8Async(DevicePointer d, unsigned char v, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(st, 2, [=] { return set(d, v, n); });
}
EXPORT Result cuMemsetD32Async(DevicePointer d, unsigned v, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(st, 2, [=] { return set(d, v, n); });
}
