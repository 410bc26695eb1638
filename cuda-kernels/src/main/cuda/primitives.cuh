// The primitives of formulas, as Primitive.java says them: in float for elements, in double for the numbers that a formula
// makes of its parameters.
#pragma once

#include "cortado.cuh"

// In the order of FormulaCode.java: those of one operand, of two, of three.
enum Code : unsigned {
  kCopy,
  kUniform,
  kNeg,
  kAbs,
  kSqrt,
  kExp,
  kExpm1,
  kLog,
  kLog1p,
  kRound,
  kSin,
  kCos,
  kTanh,
  kSigmoid,
  kNormalCdf,
  kNormalPdf,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kMin,
  kMax,
  kGreater,
  kFma,
  kSelect
};

// Of an exponential that cannot overflow: 1 / (1 + e^-v) would be 0 where v is below -88.7, and so would be any gradient.
template <class T> __device__ inline T sigmoid(T v) {
  T e = std::exp(-std::abs(v));
  return (v < T(0) ? e : T(1)) / (T(1) + e);
}
template <class T> __device__ inline T normalCdf(T v) { return T(0.5) * std::erfc(-v * T(0.70710678118654752)); }
template <class T> __device__ inline T normalPdf(T v) { return std::exp(T(-0.5) * v * v) * T(0.39894228040143268); }

// Sine, and a quarter later the cosine, in the way of Trigonometry.java. The library's keep bits of 2 / pi in local memory
// for large arguments; here they come as three words of a table, and the fraction of the product as 64 bits (M. Payne, R.
// Hanek, "Radian reduction for trigonometric functions", 1983).
constexpr float kModerate = 65536.0f;

__device__ inline unsigned twoOverPi(unsigned word) {
  switch (word) {
    case 0: return 0u;
    case 1: return 0xa2f9836eu;
    case 2: return 0x4e441529u;
    case 3: return 0xfc2757d1u;
    case 4: return 0xf534ddc0u;
    case 5: return 0xdb629599u;
    case 6: return 0x3c439041u;
    default: return 0xfe5163abu;
  }
}

// |x| modulo pi / 2, from -pi / 4 to pi / 4, and how many quarters were taken away.
__device__ inline float reduceLarge(float x, unsigned& quarters) {
  unsigned bits = static_cast<unsigned>(__float_as_int(x));
  unsigned long long m = (bits & 0x007fffffu) | 0x00800000u;
  // x = m 2^(e - 150); bits of 2 / pi that stand for multiples of four quarters are left out.
  unsigned from = (bits >> 23 & 255u) - 150u + 30u;
  unsigned word = from / 32u;
  unsigned shift = from % 32u;
  unsigned long long w0 = twoOverPi(word);
  unsigned long long w1 = twoOverPi(word + 1);
  unsigned long long w2 = twoOverPi(word + 2);
  unsigned long long w3 = twoOverPi(word + 3);
  unsigned long long high = ((w0 << 32 | w1) << shift) >> 32;
  unsigned long long middle = ((w1 << 32 | w2) << shift) >> 32;
  unsigned long long low = ((w2 << 32 | w3) << shift) >> 32;
  unsigned long long part = m * middle + (m * low >> 32);
  unsigned long long fraction = (m * high << 32) + part;
  quarters = static_cast<unsigned>((fraction + (1ull << 61)) >> 62);
  long long rest = static_cast<long long>(fraction - (static_cast<unsigned long long>(quarters) << 62));
  // 2^-62 pi / 2
  return static_cast<float>(static_cast<double>(rest) * 3.4061215800304455e-19);
}

__device__ inline float wave(float x, unsigned quarters) {
  float size = std::abs(x);
  float r;
  unsigned taken;
  if (size <= kModerate) {
    float k = std::rint(x * 0.63661975f);
    r = fmaf(-k, 1.5707931518554688f, x);
    r = fmaf(-k, 3.1749368645250797e-06f, r);
    r = fmaf(-k, 2.5633440682570896e-12f, r);
    taken = static_cast<unsigned>(static_cast<int>(k));
  } else if (size <= 3.402823466e38f) {
    r = reduceLarge(size, taken);
    if (x < 0.0f) {
      r = -r;
      taken = 0u - taken;
    }
  } else {
    return x - x;
  }
  taken += quarters;
  float z = r * r;
  float s = fmaf(fmaf(fmaf(fmaf(z, 2.7181240511708893e-06f, -0.00019839312881231308f), z, 0.008333329111337662f), z, -0.1666666716337204f) * z, r, r);
  float c = fmaf(fmaf(fmaf(fmaf(z, 2.4435124942101538e-05f, -0.001388733508065343f), z, 0.04166664555668831f), z, -0.5f), z, 1.0f);
  float y = taken & 1u ? c : x == 0.0f ? x : s;
  return taken & 2u ? -y : y;
}
__device__ inline float power(float a, float b) { return std::pow(a, b); }

// Of the numbers that a formula makes of its parameters; FormulaCompiler.java lets none of these two be one.
__device__ inline double wave(double x, unsigned) { return x; }
__device__ inline double power(double a, double) { return a; }

// Equal numbers may be 0 and -0. What is neither smaller, nor larger, nor equal is not a number, and so is the sum.
template <class T> __device__ inline T smaller(T a, T b) {
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b < a ? b : a + b;
}
template <class T> __device__ inline T larger(T a, T b) {
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b > a ? b : a + b;
}

__device__ inline float fused(float a, float b, float c) { return fmaf(a, b, c); }
// Rounded twice, as on the host: a recorded step and one that runs as it is written have the same bits.
__device__ inline double fused(double a, double b, double c) { return __dadd_rn(__dmul_rn(a, b), c); }

template <class T> __device__ inline T primitive(unsigned code, T a, T b, T c) {
  switch (code) {
    case kNeg: return -a;
    case kAbs: return std::abs(a);
    case kSqrt: return std::sqrt(a);
    case kExp: return std::exp(a);
    case kExpm1: return std::expm1(a);
    case kLog: return std::log(a);
    case kLog1p: return std::log1p(a);
    case kRound: return std::rint(a);
    case kSin: return wave(a, 0u);
    case kCos: return wave(a, 1u);
    case kTanh: return std::tanh(a);
    case kSigmoid: return sigmoid(a);
    case kNormalCdf: return normalCdf(a);
    case kNormalPdf: return normalPdf(a);
    case kAdd: return a + b;
    case kSub: return a - b;
    case kMul: return a * b;
    case kDiv: return a / b;
    case kPow: return power(a, b);
    case kMin: return smaller(a, b);
    case kMax: return larger(a, b);
    case kGreater: return a > b ? T(1) : T(0);
    case kFma: return fused(a, b, c);
    default: return a > T(0) ? b : c;  // kSelect
  }
}
