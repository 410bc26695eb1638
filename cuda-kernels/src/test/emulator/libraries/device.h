// What the emulated libraries, cublas.cpp and cudnn.cpp, need of the emulated driver, and what both are made of.
//
// Their calls check what they are given as strictly as the manuals have it, and stricter where a GPU would be lenient
// and Cortado has made itself a rule. Then they put their work on the stream, as the real ones do: it runs when somebody
// waits, or whenever the graph that it was captured into is launched.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emu {

// Returns what went wrong, or an empty string.
using Work = std::function<std::string()>;

}  // namespace emu

// Puts work on a stream, or into the graph that it is being captured into. Returns a CUresult.
EXPORT int emuEnqueue(void* stream, const emu::Work& work);
EXPORT bool emuIsCapturing(void* stream);
// Whether all of these bytes lie in one allocation of device memory.
EXPORT bool emuIsDevice(const void* p, size_t bytes);

namespace emu {

inline bool areFloats(const void* p, long long n) { return n <= 0 || emuIsDevice(p, static_cast<size_t>(n) * sizeof(float)); }
inline bool isAligned(const void* p, size_t bytes) { return reinterpret_cast<uintptr_t>(p) % bytes == 0; }

// What a workspace holds when nobody may rely on it any more.
inline void scribble(void* workspace, size_t bytes) { memset(workspace, 0xFF, bytes); }

// A factor of a tensor core: ten bits behind the point, rounded to even.
inline float toTf32(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  if ((bits & 0x7f800000u) == 0x7f800000u) return v;
  bits += 0xfffu + (bits >> 13 & 1u);
  bits &= ~0x1fffu;
  memcpy(&v, &bits, sizeof v);
  return v;
}

// How often each function was called, for tests.
class Counts {
 public:
  void add(const char* name) { counts[name]++; }
  // One line for each function; counting begins anew.
  const char* report() {
    text.clear();
    for (const auto& [name, n] : counts) text += name + " " + std::to_string(n) + "\n";
    counts.clear();
    return text.c_str();
  }

 private:
  std::map<std::string, long> counts;
  std::string text;
};

}  // namespace emu
