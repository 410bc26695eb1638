// What tensor.cuh has as inline PTX, for the CPU: the same functions, with the matrices spread over the lanes of a warp
// as the PTX ISA says for mma.m16n8k8.
#pragma once

inline float toTf32(float v) {
  if (v != v || std::isinf(v)) return v;
  // To the nearest with 10 bits of mantissa, ties away from zero.
  uint32_t bits = static_cast<uint32_t>(emu::toBits(v));
  return emu::fromBits<float>((bits + 0x1000u) & ~0x1fffu);
}

inline void multiplyTf32(const float (&a)[4], const float (&b)[2], float& c0, float& c1, float& c2, float& c3) {
  struct Pair { float x, y; };
  Pair all[3][32];
  Pair mine[] = {{a[0], a[1]}, {a[2], a[3]}, {b[0], b[1]}};
  for (int i = 0; i < 3; i++) {
    const uint64_t* bits = emu::exchangeAll(6 + i, emu::toBits(mine[i]));
    for (int l = 0; l < 32; l++) all[i][l] = emu::fromBits<Pair>(bits[l]);
  }
  int group = emu::lane() / 4;
  int member = emu::lane() % 4;
  for (int k = 0; k < 4; k++) {
    // Rows group and group + 8 of a, at k and at k + 4.
    Pair low = all[0][4 * group + k];
    Pair high = all[1][4 * group + k];
    // Columns 2 member and 2 member + 1 of b, at k and k + 4.
    Pair left = all[2][4 * (2 * member) + k];
    Pair right = all[2][4 * (2 * member + 1) + k];
    c0 = std::fma(low.x, left.x, std::fma(high.x, left.y, c0));
    c1 = std::fma(low.x, right.x, std::fma(high.x, right.y, c1));
    c2 = std::fma(low.y, left.x, std::fma(high.y, left.y, c2));
    c3 = std::fma(low.y, right.x, std::fma(high.y, right.y, c3));
  }
}
