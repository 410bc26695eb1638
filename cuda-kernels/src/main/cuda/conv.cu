// Convolution with any stride, padding, dilation and groups, and its gradients, as matrix products whose second matrix
// is gathered from the picture while it is loaded (implicit GEMM): nothing is unfolded in memory.
//
//   forward    y  [o, (n p q)]   = w  [o, (c r s)]      x  [(c r s), (n p q)]      k = channels of a group x taps
//   input      dx [c, (n h w)]   = w^T [c, (o r s)]     dy [(o r s), (n h w)]      k = outputs of a group x taps
//   weight     dw [o, (c r s)+1] = dy [o, (n p q)]      x^T [(n p q), (c r s)+1]   k = pixels of all pictures
//
// The one column more of dw's product is a column of ones: it is the gradient of the bias.
//
// 1: a thread for each output, looping over the taps.
// 2: tiles of 64 x 64 through shared memory (tile.cuh); divisions by sizes are multiplications (Divisor).
// 3: tiles of 32 x 64 for the few channels of first layers, and k cut into shares for the weights' gradient, where k is
//    long and the result small (LeNet's conv1: k = 102,400 for 16 x 28 sums).
// 4: gradients take dy from behind ReLU and 2 x 2 pooling, by the index that it kept, so that nothing of the
//    convolution's size has to be written between them.
#include "conv.cuh"

extern "C" __global__ void __launch_bounds__(kTileThreads) conv_64(const float* x, const float* w, const float* bias, float* y, Conv s) {
  forward<Tile<64, 64, 16, 4, 4>>(x, w, bias, y, s);
}
extern "C" __global__ void __launch_bounds__(kTileThreads) conv_32(const float* x, const float* w, const float* bias, float* y, Conv s) {
  forward<Tile<32, 64, 16, 2, 4>>(x, w, bias, y, s);
}

extern "C" __global__ void __launch_bounds__(kTileThreads)
    conv_grad_input_64(const float* dy, const unsigned char* index, const float* w, float* dx, Conv s) {
  gradInput<Tile<64, 64, 16, 4, 4>>(dy, index, w, dx, s);
}
extern "C" __global__ void __launch_bounds__(kTileThreads)
    conv_grad_input_32(const float* dy, const unsigned char* index, const float* w, float* dx, Conv s) {
  gradInput<Tile<32, 64, 16, 2, 4>>(dy, index, w, dx, s);
}

extern "C" __global__ void __launch_bounds__(kTileThreads)
    conv_grad_weight_64(const float* x, const float* dy, const unsigned char* index, float* dw, float* db, float* partial, unsigned* arrived, Conv s) {
  gradWeight<Tile<64, 64, 16, 4, 4>>(x, dy, index, dw, db, partial, arrived, s);
}
extern "C" __global__ void __launch_bounds__(kTileThreads)
    conv_grad_weight_32(const float* x, const float* dy, const unsigned char* index, float* dw, float* db, float* partial, unsigned* arrived, Conv s) {
  gradWeight<Tile<32, 32, 32, 2, 2>>(x, dy, index, dw, db, partial, arrived, s);
}
