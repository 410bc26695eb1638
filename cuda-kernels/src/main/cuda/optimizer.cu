// Adam's update of parameters, all of them in one launch over flat storage; the formulas are in Updates.java, where the
// other optimizers have theirs, which formula.cu interprets.
//
// 1: one pass: it reads w, g, m, v and writes w, m, v, 28 bytes an element, and nothing else limits it.
//
// Learning rate and bias corrections are doubles, read from slots in a recorded step; what follows from them is computed
// by one thread of each block, for double arithmetic is slow on many GPUs.
#include "cortado.cuh"

struct Adam {
  double beta1, beta2;
  double eps, weightDecay;
  int decoupled;
};

extern "C" __global__ void adam(float* w, const float* g, float* m, float* v, unsigned n, Adam s, const long long* lrSlot, double lrValue,
                                const long long* correction1Slot, double correction1Value, const long long* correction2Slot,
                                double correction2Value) {
  __shared__ float factors[3];
  if (threadIdx.x == 0) {
    double lr = stepDouble(lrSlot, lrValue);
    factors[0] = static_cast<float>(lr / stepDouble(correction1Slot, correction1Value));
    factors[1] = static_cast<float>(1.0 / sqrt(stepDouble(correction2Slot, correction2Value)));
    factors[2] = s.decoupled ? static_cast<float>(1.0 - lr * s.weightDecay) : 1.0f;
  }
  __syncthreads();
  float step = factors[0];
  float scale = factors[1];
  float shrink = factors[2];
  float beta1 = static_cast<float>(s.beta1);
  float beta2 = static_cast<float>(s.beta2);
  float rest1 = static_cast<float>(1.0 - s.beta1);
  float rest2 = static_cast<float>(1.0 - s.beta2);
  float decay = s.decoupled ? 0.0f : static_cast<float>(s.weightDecay);
  float eps = static_cast<float>(s.eps);
  forEach(n, [=](unsigned i) {
    float grad = fmaf(w[i], decay, g[i]);
    float mean = fmaf(beta1, m[i], rest1 * grad);
    float square = fmaf(beta2, v[i], rest2 * grad * grad);
    m[i] = mean;
    v[i] = square;
    w[i] = w[i] * shrink - step * mean / (sqrtf(square) * scale + eps);
  });
}
