#include "shared.h"

#include <algorithm>
#include <vector>

#include "fibers.h"

namespace emu {

namespace {

constexpr size_t kGuard = 64;
constexpr unsigned char kGuardByte = 0xEE;
constexpr unsigned char kPoison = 0xFF;  // NaN as float, -1 as integer

struct Variable {
  const void* key;
  char* at;
  size_t bytes;
};

alignas(256) char staticMemory[kStaticShared + 64 * kGuard];
alignas(256) char dynamicMemory[kDynamicShared + kGuard];
std::vector<Variable> variables;
size_t used;
size_t staticBytes;
size_t dynamicBytes;

#if !EMU_ASAN
bool isGuard(const char* p) {
  return std::all_of(p, p + kGuard, [](char c) { return static_cast<unsigned char>(c) == kGuardByte; });
}
#endif

}  // namespace

void reserveDynamicShared(size_t bytes) { dynamicBytes = bytes; }

void poisonShared() {
#if EMU_ASAN
  ASAN_UNPOISON_MEMORY_REGION(staticMemory, sizeof staticMemory);
  ASAN_UNPOISON_MEMORY_REGION(dynamicMemory, sizeof dynamicMemory);
#endif
  memset(dynamicMemory, kPoison, dynamicBytes);
  memset(dynamicMemory + dynamicBytes, kGuardByte, kGuard);
#if EMU_ASAN
  ASAN_POISON_MEMORY_REGION(staticMemory, sizeof staticMemory);
  ASAN_POISON_MEMORY_REGION(dynamicMemory + dynamicBytes, sizeof dynamicMemory - dynamicBytes);
#endif
  variables.clear();
  used = 0;
  staticBytes = 0;
}

std::string damagedShared() {
#if !EMU_ASAN
  for (const Variable& v : variables) {
    if (!isGuard(v.at + v.bytes)) return "wrote behind a variable in shared memory";
  }
  if (!isGuard(dynamicMemory + dynamicBytes)) return "wrote behind the dynamic shared memory";
#endif
  return "";
}

void* shared(const void* key, size_t bytes) {
  for (const Variable& v : variables) {
    if (v.key == key) return v.at;
  }
  size_t rounded = (bytes + 15) / 16 * 16;
  staticBytes += rounded;
  if (staticBytes > kStaticShared || used + rounded + kGuard > sizeof staticMemory) {
    failThread("more than 48 KB of static shared memory");
  }
  char* p = staticMemory + used;
#if EMU_ASAN
  ASAN_UNPOISON_MEMORY_REGION(p, bytes);
  memset(p, kPoison, bytes);
#else
  memset(p, kPoison, bytes);
  memset(p + bytes, kGuardByte, rounded - bytes + kGuard);
#endif
  used += rounded + kGuard;
  variables.push_back({key, p, bytes});
  return p;
}

void* dynamicShared() { return dynamicMemory; }

}  // namespace emu
