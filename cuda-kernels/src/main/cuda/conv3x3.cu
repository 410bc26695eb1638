// The 3 x 3 convolution with stride 1, padding 1, one group, and its input gradient, which is one too: of dy, with the
// weights' channels exchanged and their taps turned round.
//
// 1: implicit GEMM (conv.cu): every input is gathered and taken apart nine times.
// 2: direct: a block has 128 output pixels (of one picture, or of two small ones) and 16 or 32 output channels. The
//    patch of the input under them is loaded once for each channel, border included; a thread keeps 4 pixels of a row by
//    4 or 8 channels in registers, so that three rows of six inputs and 9 x 8 weights serve 288 multiply-adds. All lanes
//    of a warp have the same output channels: their reads of the weights are broadcasts.
// 3: a thread has 2 x 2 pixels instead: four rows of two 8-byte reads for 144 or 288 multiply-adds, and a window of
//    pooling is in one thread. So ReLU and pooling can follow in registers, and nothing of the convolution's size is
//    written; likewise dy can come from behind such a pooling, by the index that it kept.
#include "pooled.cuh"

struct Conv3x3 {
  int n, channels, h, w, outChannels;
  int tilesDown, tilesRight;
  int turned;  // for the gradient: channels are outputs of the forward pass, outChannels its inputs
  int relu;
  int pooled;  // y is behind ReLU and 2 x 2 pooling, and index is written; a gradient reads it, where it is given
};

constexpr int kChannels = 4;  // loaded at a time
constexpr int kThreads = 128;

template <int PICTURES, int ROWS, int COLUMNS, int OUT> struct Direct {
  static_assert(PICTURES * ROWS * COLUMNS == 128 && OUT % 16 == 0);
  static constexpr int kOut = OUT / 4;  // output channels of a thread
  // Even, for 8-byte reads; and the rows that 16 lanes read at a time begin in banks that do not meet.
  static constexpr int kPitch = COLUMNS == 32 ? 34 : COLUMNS == 16 ? 24 : 12;
  static constexpr int kPatch = PICTURES * (ROWS + 2) * kPitch;
  static constexpr int kWeightPitch = OUT + 4;

  __device__ static void run(const float* x, const float* w, const float* bias, float* y, unsigned char* index, const Conv3x3& s) {
    __shared__ __align__(16) float xs[kChannels][kPatch];
    __shared__ __align__(16) float ws[kChannels * 9][kWeightPitch];
    int tile = blockIdx.x;
    int left = tile % s.tilesRight * COLUMNS;
    int top = tile / s.tilesRight % s.tilesDown * ROWS;
    int picture0 = tile / s.tilesRight / s.tilesDown * PICTURES;
    int out0 = blockIdx.y * OUT;
    // This thread's pixels and channels.
    int group = threadIdx.x % 32;
    int column = group % (COLUMNS / 2) * 2;
    int row = group / (COLUMNS / 2) % (ROWS / 2) * 2;
    int picture = group / (COLUMNS / 2) / (ROWS / 2);
    int out = threadIdx.x / 32 * kOut;
    float sum[4][kOut];
#pragma unroll
    for (int p = 0; p < 4; p++) {
#pragma unroll
      for (int o = 0; o < kOut; o++) sum[p][o] = 0.0f;
    }
    for (int c0 = 0; c0 < s.channels; c0 += kChannels) {
      __syncthreads();
      loadPatch(x, s.turned ? index : nullptr, s, xs, picture0, c0, top, left);
      loadWeights(w, s, ws, out0, c0);
      __syncthreads();
#pragma unroll 1
      for (int c = 0; c < kChannels; c++) {
        const float* patch = &xs[c][(picture * (ROWS + 2) + row) * kPitch + column];
        float in[4][4];
#pragma unroll
        for (int r = 0; r < 4; r++) {
          float2 u = *reinterpret_cast<const float2*>(patch + r * kPitch);
          float2 v = *reinterpret_cast<const float2*>(patch + r * kPitch + 2);
          in[r][0] = u.x;
          in[r][1] = u.y;
          in[r][2] = v.x;
          in[r][3] = v.y;
        }
#pragma unroll
        for (int tap = 0; tap < 9; tap++) {
          const float* weights = &ws[c * 9 + tap][out];
#pragma unroll
          for (int o = 0; o < kOut; o += 4) {
            float4 v = *reinterpret_cast<const float4*>(weights + o);
#pragma unroll
            for (int p = 0; p < 4; p++) {
              float u = in[tap / 3 + p / 2][tap % 3 + p % 2];
              sum[p][o] = fmaf(u, v.x, sum[p][o]);
              sum[p][o + 1] = fmaf(u, v.y, sum[p][o + 1]);
              sum[p][o + 2] = fmaf(u, v.z, sum[p][o + 2]);
              sum[p][o + 3] = fmaf(u, v.w, sum[p][o + 3]);
            }
          }
        }
      }
    }
    int n = picture0 + picture;
    if (n >= s.n) return;
#pragma unroll
    for (int o = 0; o < kOut; o++) {
      int channel = out0 + out + o;
      if (channel >= s.outChannels) return;
      float b = bias == nullptr ? 0.0f : bias[channel];
      size_t plane = static_cast<size_t>(n) * s.outChannels + channel;
      if (s.pooled) {
        pool(sum[0][o] + b, sum[1][o] + b, sum[2][o] + b, sum[3][o] + b, y, index, s, plane, top + row, left + column);
      } else {
#pragma unroll
        for (int p = 0; p < 4; p++) {
          int i = top + row + p / 2;
          int j = left + column + p % 2;
          float v = sum[p][o] + b;
          if (s.relu) v = v > 0.0f || v != v ? v : 0.0f;
          if (i < s.h && j < s.w) y[(plane * s.h + i) * s.w + j] = v;
        }
      }
    }
  }

  // A window's result, if all of it is in the picture.
  __device__ static void pool(float v0, float v1, float v2, float v3, float* y, unsigned char* index, const Conv3x3& s, size_t plane, int i, int j) {
    if (i + 1 >= s.h || j + 1 >= s.w) return;
    size_t at = (plane * (s.h / 2) + i / 2) * (s.w / 2) + j / 2;
    y[at] = pooledRelu(v0, v1, v2, v3, index[at]);
  }

  __device__ static void loadPatch(
      const float* x, const unsigned char* index, const Conv3x3& s, float (*xs)[kPatch], int picture0, int c0, int top, int left) {
    constexpr int kRow = COLUMNS + 2;
    constexpr int kSize = kChannels * PICTURES * (ROWS + 2) * kRow;
    for (int e = threadIdx.x; e < kSize; e += kThreads) {
      int j = e % kRow;
      int i = e / kRow % (ROWS + 2);
      int p = e / kRow / (ROWS + 2) % PICTURES;
      int c = e / kRow / (ROWS + 2) / PICTURES;
      int n = picture0 + p;
      int row = top + i - 1;
      int column = left + j - 1;
      bool inside = n < s.n && c0 + c < s.channels && row >= 0 && row < s.h && column >= 0 && column < s.w;
      float v = 0.0f;
      if (inside) {
        size_t plane = static_cast<size_t>(n) * s.channels + c0 + c;
        v = index == nullptr ? x[(plane * s.h + row) * s.w + column] : behindPooling(x, index, plane, s.h, s.w, row, column);
      }
      xs[c][(p * (ROWS + 2) + i) * kPitch + j] = v;
    }
  }

  // w is [out, channels, 9], or, turned, [channels, out, 9] with the last tap first.
  __device__ static void loadWeights(const float* w, const Conv3x3& s, float (*ws)[kWeightPitch], int out0, int c0) {
    for (int e = threadIdx.x; e < OUT * kChannels * 9; e += kThreads) {
      int tap = e % 9;
      int c = e / 9 % kChannels;
      int o = e / 9 / kChannels;
      bool inside = c0 + c < s.channels && out0 + o < s.outChannels;
      size_t at = s.turned ? (static_cast<size_t>(c0 + c) * s.outChannels + out0 + o) * 9 + 8 - tap
                           : (static_cast<size_t>(out0 + o) * s.channels + c0 + c) * 9 + tap;
      ws[c * 9 + tap][o] = inside ? w[at] : 0.0f;
    }
  }
};

// Named by the pixels of a tile (pictures x rows x columns) and its output channels.
extern "C" __global__ void __launch_bounds__(kThreads)
    conv3x3_4x32_16(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv3x3 s) {
  Direct<1, 4, 32, 16>::run(x, w, bias, y, index, s);
}
extern "C" __global__ void __launch_bounds__(kThreads)
    conv3x3_4x32_32(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv3x3 s) {
  Direct<1, 4, 32, 32>::run(x, w, bias, y, index, s);
}
extern "C" __global__ void __launch_bounds__(kThreads)
    conv3x3_8x16_16(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv3x3 s) {
  Direct<1, 8, 16, 16>::run(x, w, bias, y, index, s);
}
extern "C" __global__ void __launch_bounds__(kThreads)
    conv3x3_8x16_32(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv3x3 s) {
  Direct<1, 8, 16, 32>::run(x, w, bias, y, index, s);
}
extern "C" __global__ void __launch_bounds__(kThreads)
    conv3x3_2x8x8_16(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv3x3 s) {
  Direct<2, 8, 8, 16>::run(x, w, bias, y, index, s);
}
extern "C" __global__ void __launch_bounds__(kThreads)
    conv3x3_2x8x8_32(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv3x3 s) {
  Direct<2, 8, 8, 32>::run(x, w, bias, y, index, s);
}
