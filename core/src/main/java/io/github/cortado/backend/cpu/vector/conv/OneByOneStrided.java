package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.EVEN;
import static io.github.cortado.backend.cpu.vector.Orders.LOWER;
import static io.github.cortado.backend.cpu.vector.Orders.ODD;
import static io.github.cortado.backend.cpu.vector.Orders.UPPER;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import java.util.function.Function;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * 1x1 convolution of every second row and column, as after a step of a network that halves
 * pictures: these elements are copied side by side, where it is a product with stride 1 ({@link
 * OneByOneOutputs}, {@link OneByOneWeightGradient}). The gradient of the others is 0.
 *
 * <p>The caller has the scratch array VALUES besides.
 */
final class OneByOneStrided {
    private static final int STRIDE = 2;

    private final Conv2dSpec product;
    private final int h;
    private final int w;
    private final int outH;
    private final int outW;

    private OneByOneStrided(Conv2dSpec s) {
        product = product(s);
        h = s.h();
        w = s.w();
        outH = s.outH();
        outW = s.outW();
    }

    static @Nullable String obstacle(Conv2dSpec s) {
        return obstacle(s, OneByOneOutputs::obstacle);
    }

    static @Nullable String obstacleToInputGradient(Conv2dSpec s) {
        return obstacle(s, OneByOneOutputs::obstacleToInputGradient);
    }

    static @Nullable String obstacleToWeightGradient(Conv2dSpec s) {
        return obstacle(s, OneByOneWeightGradient::obstacle);
    }

    private static @Nullable String obstacle(
            Conv2dSpec s, Function<Conv2dSpec, @Nullable String> ofProduct) {
        return s.strideH() == STRIDE && s.strideW() == STRIDE && s.padH() + s.padW() == 0
                ? ofProduct.apply(product(s))
                : "strides are not 2";
    }

    /** The same of the elements that are read. */
    private static Conv2dSpec product(Conv2dSpec s) {
        Conv2dSpec product =
                new Conv2dSpec(
                        s.n(),
                        s.inChannels(),
                        s.outH(),
                        s.outW(),
                        s.outChannels(),
                        s.kernelH(),
                        s.kernelW(),
                        1,
                        1,
                        0,
                        0,
                        1,
                        1,
                        s.groups());
        return s.isRectified() ? product.rectified(s.limit()) : product;
    }

    static Convolution.Forward forward(Conv2dSpec s) {
        OneByOneStrided plan = new OneByOneStrided(s);
        Convolution.Forward forward = OneByOneOutputs.forward(plan.product);
        return (x, w, b, y) -> forward.run(plan.read(x), w, b, y);
    }

    static Convolution.InputGradient inputGradient(Conv2dSpec s) {
        OneByOneStrided plan = new OneByOneStrided(s);
        Convolution.InputGradient gradient = OneByOneOutputs.inputGradient(plan.product);
        return (dy, w, dx) -> {
            HostBuffer.Floats read = plan.scratch();
            gradient.run(dy, w, read);
            plan.spread(read.array(), dx);
        };
    }

    static Convolution.WeightGradient weightGradient(Conv2dSpec s) {
        OneByOneStrided plan = new OneByOneStrided(s);
        Convolution.WeightGradient gradient = new OneByOneWeightGradient(plan.product);
        return (x, dy, dw, db) -> gradient.run(plan.read(x), dy, dw, db);
    }

    private int planes() {
        return product.n() * product.inChannels();
    }

    private HostBuffer.Floats scratch() {
        return new HostBuffer.Floats(Scratch.VALUES.floats(planes() * outH * outW + VL));
    }

    /** The elements of x that are read. */
    private HostBuffer.Floats read(HostBuffer.Floats x) {
        HostBuffer.Floats read = scratch();
        float[] from = x.array();
        float[] to = read.array();
        Parallel.forItems(
                planes(),
                outH * outW,
                Parallel.RANGE,
                plane -> {
                    // What a vector writes too far is the next row's, if that is not another's.
                    int last = (plane + 1) * outH * outW;
                    for (int row = 0; row < outH; row++) {
                        int source = x.offset() + (plane * h + STRIDE * row) * w;
                        int target = (plane * outH + row) * outW;
                        int j = 0;
                        for (;
                                j < outW
                                        && target + j + VL <= last
                                        && source + 2 * j + VL <= from.length;
                                j += VL / 2) {
                            FloatVector.fromArray(SPECIES, from, source + 2 * j)
                                    .rearrange(EVEN)
                                    .intoArray(to, target + j);
                        }
                        for (; j < outW; j++) {
                            to[target + j] = from[source + STRIDE * j];
                        }
                    }
                });
        return read;
    }

    /** dx, which is 0 but for the elements that are read. */
    private void spread(float[] from, HostBuffer.Floats dx) {
        float[] to = dx.array();
        Parallel.forItems(
                planes(),
                h * w,
                Parallel.RANGE,
                plane -> {
                    FloatVector zero = FloatVector.zero(SPECIES);
                    for (int row = 0; row < outH; row++) {
                        int source = (plane * outH + row) * outW;
                        int target = dx.offset() + (plane * h + STRIDE * row) * w;
                        int end = target + Math.min(STRIDE, h - STRIDE * row) * w;
                        int j = 0;
                        for (; 2 * (j + VL) <= w; j += VL) {
                            FloatVector v = FloatVector.fromArray(SPECIES, from, source + j);
                            int at = target + 2 * j;
                            v.rearrange(LOWER).blend(zero, ODD).intoArray(to, at);
                            v.rearrange(UPPER).blend(zero, ODD).intoArray(to, at + VL);
                        }
                        Arrays.fill(to, target + 2 * j, end, 0f);
                        for (; j < outW; j++) {
                            to[target + STRIDE * j] = from[source + j];
                        }
                    }
                });
    }
}
