// The cell of long short-term memory; the formulas are in Backend.java.
//
// 1: a thread for each element of the state, which has its four gates: rows of 4 n, four accesses side by side for a warp.
//    What the input makes of the gates is added here, and the gates' values are kept for the gradient: a sequence is as
//    many launches as it has steps, and these are short.
#include "primitives.cuh"

// Calls f(element, its first gate) for every element of a state [rows, n].
template <class F> __device__ inline void forCells(unsigned rows, Divisor n, F f) {
  forEach(rows * n.divisor, [&](unsigned e) { f(e, e + 3 * n.quotient(e) * n.divisor); });
}

extern "C" __global__ void lstm_cell(const float* x, float* gates, const float* c, float* h, float* next, unsigned rows, Divisor hidden) {
  unsigned n = hidden.divisor;
  forCells(rows, hidden, [=](unsigned e, unsigned at) {
    float i = sigmoid(x[at] + gates[at]);
    float f = sigmoid(x[at + n] + gates[at + n]);
    float g = std::tanh(x[at + 2 * n] + gates[at + 2 * n]);
    float o = sigmoid(x[at + 3 * n] + gates[at + 3 * n]);
    float cell = fmaf(i, g, f * c[e]);
    next[e] = cell;
    h[e] = o * std::tanh(cell);
    gates[at] = i;
    gates[at + n] = f;
    gates[at + 2 * n] = g;
    gates[at + 3 * n] = o;
  });
}

extern "C" __global__ void lstm_cell_grad(const float* gates, const float* c, const float* next, const float* dh, const float* dy, float* dc,
                                          float* dgates, unsigned rows, Divisor hidden) {
  unsigned n = hidden.divisor;
  forCells(rows, hidden, [=](unsigned e, unsigned at) {
    float i = gates[at];
    float f = gates[at + n];
    float g = gates[at + 2 * n];
    float o = gates[at + 3 * n];
    float t = std::tanh(next[e]);
    float d = dh[e] + dy[e];
    float ofCell = fmaf(d * o, 1.0f - t * t, dc[e]);
    dgates[at] = ofCell * g * (i * (1.0f - i));
    dgates[at + n] = ofCell * c[e] * (f * (1.0f - f));
    dgates[at + 2 * n] = ofCell * i * (1.0f - g * g);
    dgates[at + 3 * n] = d * t * (o * (1.0f - o));
    dc[e] = ofCell * f;
  });
}
