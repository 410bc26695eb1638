#include "shared.h"

#include <algorithm>
#include <vector>

#include "blocks.h"

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

struct OfBlock {
  alignas(256) char variables[kStaticShared + 64 * kGuard];
  alignas(256) char dynamic[kDynamicShared + kGuard];
  std::vector<Variable> known;
  size_t used;
  size_t bytes;
};

OfBlock ofBlocks[kResident];
OfBlock* mine = ofBlocks;
size_t dynamicBytes;

#if !EMU_ASAN
bool isGuard(const char* p) {
  return std::all_of(p, p + kGuard, [](char c) { return static_cast<unsigned char>(c) == kGuardByte; });
}
#endif

}  // namespace

void reserveDynamicShared(size_t bytes) { dynamicBytes = bytes; }

void selectShared(size_t resident) { mine = &ofBlocks[resident]; }

void poisonShared() {
#if EMU_ASAN
  ASAN_UNPOISON_MEMORY_REGION(mine->variables, sizeof mine->variables);
  ASAN_UNPOISON_MEMORY_REGION(mine->dynamic, sizeof mine->dynamic);
#endif
  memset(mine->dynamic, kPoison, dynamicBytes);
  memset(mine->dynamic + dynamicBytes, kGuardByte, kGuard);
#if EMU_ASAN
  ASAN_POISON_MEMORY_REGION(mine->variables, sizeof mine->variables);
  ASAN_POISON_MEMORY_REGION(mine->dynamic + dynamicBytes, sizeof mine->dynamic - dynamicBytes);
#endif
  mine->known.clear();
  mine->used = 0;
  mine->bytes = 0;
}

std::string damagedShared() {
#if !EMU_ASAN
  for (const Variable& v : mine->known) {
    if (!isGuard(v.at + v.bytes)) return "wrote behind a variable in shared memory";
  }
  if (!isGuard(mine->dynamic + dynamicBytes)) return "wrote behind the dynamic shared memory";
#endif
  return "";
}

void* shared(const void* key, size_t bytes) {
  for (const Variable& v : mine->known) {
    if (v.key == key) return v.at;
  }
  size_t rounded = (bytes + 15) / 16 * 16;
  mine->bytes += rounded;
  if (mine->bytes > kStaticShared || mine->used + rounded + kGuard > sizeof mine->variables) {
    failThread("more than 48 KB of static shared memory");
  }
  char* p = mine->variables + mine->used;
#if EMU_ASAN
  ASAN_UNPOISON_MEMORY_REGION(p, bytes);
  memset(p, kPoison, bytes);
#else
  memset(p, kPoison, bytes);
  memset(p + bytes, kGuardByte, rounded - bytes + kGuard);
#endif
  mine->used += rounded + kGuard;
  mine->known.push_back({key, p, bytes});
  return p;
}

void* dynamicShared() { return mine->dynamic; }

}  // namespace emu
