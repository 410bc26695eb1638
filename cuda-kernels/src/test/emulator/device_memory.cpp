#include "device_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "shared.h"

namespace emu {

namespace {

constexpr size_t kGuard = 256;
// NaN, so that reading the guard shows as well as writing it.
constexpr unsigned char kGuardBytes[] = {0xA5, 0xA5, 0xE5, 0x7F};
constexpr unsigned char kPoison = 0xFF;
constexpr size_t kPage = 4096;
// On both sides of an allocation lies nothing: a wild index is an access to no memory, and harms nobody else.
constexpr size_t kNothing = size_t{1} << 30;

std::map<const char*, size_t> allocations;
size_t used = 0;

#if EMU_ASAN

// AddressSanitizer has guards of its own, which begin at the very byte behind.
char* take(size_t bytes) {
  void* p;
  return posix_memalign(&p, 256, bytes) == 0 ? static_cast<char*>(p) : nullptr;
}
void give(char* p, size_t) { free(p); }
bool mendGuards(char*, size_t) { return false; }

#else

void writeGuard(char* p) {
  for (size_t i = 0; i < kGuard; i++) p[i] = static_cast<char>(kGuardBytes[i % sizeof kGuardBytes]);
}
bool isGuard(const char* p) {
  for (size_t i = 0; i < kGuard; i++) {
    if (static_cast<unsigned char>(p[i]) != kGuardBytes[i % sizeof kGuardBytes]) return false;
  }
  return true;
}

size_t mapped(size_t bytes) { return (bytes + 2 * kGuard + kPage - 1) / kPage * kPage; }

char* take(size_t bytes) {
  void* all = mmap(nullptr, mapped(bytes) + 2 * kNothing, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  char* base = static_cast<char*>(all) + kNothing;
  if (mprotect(base, mapped(bytes), PROT_READ | PROT_WRITE) != 0) return nullptr;
  writeGuard(base);
  writeGuard(base + kGuard + bytes);
  return base + kGuard;
}
void give(char* p, size_t bytes) { munmap(p - kGuard - kNothing, mapped(bytes) + 2 * kNothing); }
bool mendGuards(char* p, size_t bytes) {
  if (isGuard(p - kGuard) && isGuard(p + bytes)) return false;
  writeGuard(p - kGuard);
  writeGuard(p + bytes);
  return true;
}

#endif

}  // namespace

char* allocateDevice(size_t bytes) {
  char* p = take(bytes);
  if (p == nullptr) return nullptr;
  memset(p, kPoison, bytes);
  allocations[p] = bytes;
  used += bytes;
  return p;
}

bool freeDevice(char* p) {
  auto a = allocations.find(p);
  if (a == allocations.end()) return false;
  used -= a->second;
  give(p, a->second);
  allocations.erase(a);
  return true;
}

size_t deviceMemoryUsed() { return used; }

bool isDevice(const void* p, size_t bytes) {
  auto next = allocations.upper_bound(static_cast<const char*>(p));
  if (next == allocations.begin()) return false;
  auto& [at, size] = *std::prev(next);
  return static_cast<const char*>(p) + bytes <= at + size;
}

std::string damagedDevice() {
  std::string damage;
  for (const auto& [p, bytes] : allocations) {
    if (mendGuards(const_cast<char*>(p), bytes)) damage = "wrote outside an allocation of " + std::to_string(bytes) + " bytes";
  }
  return damage;
}

}  // namespace emu
