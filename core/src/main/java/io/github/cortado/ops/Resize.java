package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Resample2dSpec;
import io.github.cortado.backend.Resample2dSpec.Mode;

/** Pictures of other sizes. */
public final class Resize {
    private Resize() {}

    /** Pictures x [n, c, h, w] as [n, c, outH, outW]; what is as large already stays itself. */
    public static Tensor apply(Tensor x, int outH, int outW, Mode mode) {
        Checks.floating("interpolate", x);
        Checks.rank("interpolate", "input [n, c, h, w]", x, 4);
        int h = x.dim(2);
        int w = x.dim(3);
        Checks.require(
                outH > 0 && outW > 0 && h > 0 && w > 0,
                "interpolate: pictures of %s x %s cannot become %s x %s (input %s)",
                h,
                w,
                outH,
                outW,
                x.shape());
        if (h == outH && w == outW) {
            return x;
        }
        Resample2dSpec spec = new Resample2dSpec(x.dim(0) * x.dim(1), h, w, outH, outW, mode);
        Backend backend = x.device().backend();
        Tensor y = x.empty(x.shape().with(2, outH).with(3, outW));
        backend.resample2d(x.buffer(), y.buffer(), spec);
        return Node.record(
                "interpolate",
                y,
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = Internals.newGrad(x);
                            backend.resample2dGrad(dy.buffer(), dx.buffer(), spec);
                            return dx;
                        }));
    }
}
