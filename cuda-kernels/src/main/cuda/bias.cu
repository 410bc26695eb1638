// y[o, c, i] += bias[c], perhaps followed by a ReLU, in place: what cuBLAS and most of cuDNN's algorithms leave to others.
//
// 1: a thread for each element, which finds its channel by two divisions by numbers that Java knows before.
#include "cortado.cuh"

extern "C" __global__ void bias_relu(float* y, const float* bias, unsigned n, Divisor inner, Divisor channels, int relu) {
  forEach(n, [&](unsigned i) {
    unsigned line = inner.quotient(i);
    float v = y[i] + bias[channels.remainder(line, channels.quotient(line))];
    if (relu) v = v > 0.0f || v != v ? v : 0.0f;
    y[i] = v;
  });
}
