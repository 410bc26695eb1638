// What tensor.cuh has as inline PTX, for the CPU: the same functions, with the matrices spread over the lanes of a warp
// as the PTX ISA says for mma.m16n8k8.
//
// It does not say how an instruction adds. Here every multiply-add is rounded to float32, to the nearest; or, where a
// test asks for it, a few products and the sum so far are shifted to the largest exponent among them, lose what then
// lies below the last bit that is kept, and the sum is cut off to float32: all towards zero. So were V100, T4 and A100
// found to do it by M. Fasi, N. J. Higham, M. Mikaitis and S. Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ
// Computer Science 7:e330, 2021, and H100 by F. A. Khattak and M. Mikaitis, "Accurate models of NVIDIA tensor cores",
// arXiv 2512.07004, 2025.
#pragma once

namespace emu {

extern bool tensorCoresTruncate;
// c + a[0] b[0] + ... + a[7] b[7] as an A100 adds them.
float multiplyAddTruncating(const float (&a)[8], const float (&b)[8], float c);

}  // namespace emu

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
  // Rows group and group + 8 of a, columns 2 member and 2 member + 1 of b; a lane has them at k and at k + 4.
  float upper[8], lower[8], left[8], right[8];
  for (int k = 0; k < 4; k++) {
    Pair near = all[0][4 * group + k];
    Pair far = all[1][4 * group + k];
    Pair first = all[2][4 * (2 * member) + k];
    Pair second = all[2][4 * (2 * member + 1) + k];
    upper[k] = near.x, upper[k + 4] = far.x;
    lower[k] = near.y, lower[k + 4] = far.y;
    left[k] = first.x, left[k + 4] = first.y;
    right[k] = second.x, right[k + 4] = second.y;
  }
  auto add = [](const float(&row)[8], const float(&column)[8], float& c) {
    if (emu::tensorCoresTruncate) {
      c = emu::multiplyAddTruncating(row, column, c);
      return;
    }
    for (int k = 0; k < 4; k++) c = std::fma(row[k], column[k], std::fma(row[k + 4], column[k + 4], c));
  };
  add(upper, left, c0);
  add(upper, right, c1);
  add(lower, left, c2);
  add(lower, right, c3);
}
