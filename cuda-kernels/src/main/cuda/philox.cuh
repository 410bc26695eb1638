// Philox4x32-10, the same words as io.github.cortado.random.Philox: four for a counter (c0, c1, c2, c3) under the key
// (seed's lower half, seed's upper half). Which counter belongs to what is said in Streams.java alone.
#pragma once

struct Words {
  unsigned of[4];
};

__device__ inline Words philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned long long seed) {
  unsigned k0 = static_cast<unsigned>(seed);
  unsigned k1 = static_cast<unsigned>(seed >> 32);
  for (int round = 0; round < 10; round++) {
    unsigned high0 = __umulhi(0xD2511F53u, c0);
    unsigned low0 = 0xD2511F53u * c0;
    unsigned high1 = __umulhi(0xCD9E8D57u, c2);
    unsigned low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}
