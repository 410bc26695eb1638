// How tensor cores add, if they are told to do it as the real ones do: see tensor_cpu.h.
#include <algorithm>

#include "cuda_cpu.h"

namespace emu {

bool tensorCoresTruncate = false;

namespace {

// Products of an instruction that are added at once, and the bits behind the largest one's first that survive: float32's
// 23 and one more. That is an A100, the coarsest of those that have TF32; an H100 keeps two more bits than float32.
constexpr int kAtOnce = 4;
constexpr int kFraction = 24;
constexpr int kNothing = -10000;

int exponent(float v) { return v == 0 ? kNothing : std::ilogb(v); }

// Towards zero.
float toFloat(double v) {
  float f = static_cast<float>(v);
  return std::fabs(static_cast<double>(f)) > std::fabs(v) ? std::nextafter(f, 0.0f) : f;
}

// What an instruction sees of a factor: the lowest 13 bits are not wired.
float factor(float v) { return fromBits<float>(static_cast<uint32_t>(toBits(v)) & ~0x1fffu); }

float addAtOnce(const float* a, const float* b, float c) {
  int largest = exponent(c);
  for (int k = 0; k < kAtOnce; k++) {
    // The products are not normalised before: their significands lie between 1 and 4.
    if (a[k] != 0 && b[k] != 0) largest = std::max(largest, exponent(a[k]) + exponent(b[k]));
  }
  if (largest == kNothing) return c;
  auto aligned = [=](double v) { return std::ldexp(std::trunc(std::ldexp(v, kFraction - largest)), largest - kFraction); };
  double sum = aligned(c);
  for (int k = 0; k < kAtOnce; k++) sum += aligned(static_cast<double>(a[k]) * b[k]);
  return toFloat(sum);
}

}  // namespace

float multiplyAddTruncating(const float (&a)[8], const float (&b)[8], float c) {
  float u[8];
  float v[8];
  double plain = c;
  for (int k = 0; k < 8; k++) {
    u[k] = factor(a[k]);
    v[k] = factor(b[k]);
    plain += static_cast<double>(u[k]) * v[k];
  }
  // There is nothing to align.
  if (!std::isfinite(plain)) return static_cast<float>(plain);
  for (int k = 0; k < 8; k += kAtOnce) c = addAtOnce(u + k, v + k, c);
  return c;
}

}  // namespace emu
