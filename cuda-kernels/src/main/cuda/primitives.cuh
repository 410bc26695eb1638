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
  kTanh,
  kSigmoid,
  kNormalCdf,
  kNormalPdf,
  kAdd,
  kSub,
  kMul,
  kDiv,
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
    case kTanh: return std::tanh(a);
    case kSigmoid: return sigmoid(a);
    case kNormalCdf: return normalCdf(a);
    case kNormalPdf: return normalPdf(a);
    case kAdd: return a + b;
    case kSub: return a - b;
    case kMul: return a * b;
    case kDiv: return a / b;
    case kMin: return smaller(a, b);
    case kMax: return larger(a, b);
    case kGreater: return a > b ? T(1) : T(0);
    case kFma: return fused(a, b, c);
    default: return a > T(0) ? b : c;  // kSelect
  }
}
