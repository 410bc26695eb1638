package io.github.cortado.cuda;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The formulas that have kernels of their own, which are recognised by their code: ReLU and
 * dropout, which cuDNN can compute, too, and those of many networks for which the interpreter would
 * take more than half of the instructions that there is time for. See {@code elementwise.cu},
 * {@code dropout.cu} and {@code optimizer.cu}.
 */
final class ByHand {
    /** Elements that a thread takes at a time where addresses are aligned. */
    static final int QUAD = 4;

    private static final Map<Formula, Known> KNOWN =
            Map.ofEntries(
                    known(Formulas.RELU.value(), ByHand::relu),
                    known(Formulas.RELU.gradient(0).formula(), ByHand::reluGrad),
                    known(Formulas.DROPOUT_OF_RELU_GRAD, ByHand::dropoutOfReluGrad),
                    known(Formulas.GELU.value(), (b, o) -> map(b, Kernel.GELU, o)),
                    known(
                            Formulas.GELU.gradient(0).formula(),
                            (b, o) -> zip(b, Kernel.GELU_GRAD, o)),
                    known(Formulas.SILU.value(), (b, o) -> map(b, Kernel.SILU, o)),
                    known(
                            Formulas.SILU.gradient(0).formula(),
                            (b, o) -> zip(b, Kernel.SILU_GRAD, o)),
                    known(Formulas.DROPOUT.value(), ByHand::dropout),
                    Map.entry(
                            Updates.ADAM,
                            new Known((b, o) -> adam(b, o, false), ByHand::isAdamInPlace)),
                    Map.entry(
                            Updates.ADAMW,
                            new Known((b, o) -> adam(b, o, true), ByHand::isAdamInPlace)));

    private ByHand() {}

    /** How a formula is run. */
    @FunctionalInterface
    interface Way {
        void run(CudaPointwise backend, Operands o);
    }

    /** A way, and what it asks of operands that all have the result's shape. */
    private record Known(Way way, Predicate<Operands> fits) {}

    private static Map.Entry<Formula, Known> known(Formula f, Way way) {
        return Map.entry(f, new Known(way, o -> isFixed(o.parameters())));
    }

    /** Whether no number changes from one run of a recorded step to the next. */
    private static boolean isFixed(List<StepValue> parameters) {
        return parameters.stream().allMatch(p -> p.source() == null);
    }

    /** Whether w, m and v are written where they were, and but lr and corrections all is fixed. */
    private static boolean isAdamInPlace(Operands o) {
        boolean isInPlace = true;
        for (int k = 0; k < 3; k++) {
            Buffer read = o.inputs().get(k == 0 ? 0 : k + 1);
            isInPlace &= Gpu.address(read) == Gpu.address(o.outputs().get(k));
        }
        return isInPlace && isFixed(o.parameters().subList(1, 5));
    }

    /** The formula's own way over these operands, if there is one. */
    static @Nullable Way way(Formula formula, Operands o) {
        Known known = KNOWN.get(formula);
        if (known == null || !o.walk().isElementwise() || !known.fits.test(o)) {
            return null;
        }
        return known.way;
    }

    private static Launch each(CudaPointwise b, Kernel kernel, int n) {
        return b.gpu().launch(kernel, (n + QUAD - 1L) / QUAD);
    }

    private static void map(CudaPointwise b, Kernel kernel, Operands o) {
        each(b, kernel, o.length())
                .pointer(o.inputs().get(0))
                .pointer(o.outputs().get(0))
                .int32(o.length())
                .run();
    }

    private static Launch zipped(CudaPointwise b, Kernel kernel, Operands o) {
        return each(b, kernel, o.length())
                .pointer(o.inputs().get(0))
                .pointer(o.inputs().get(1))
                .pointer(o.outputs().get(0))
                .int32(o.length());
    }

    private static void zip(CudaPointwise b, Kernel kernel, Operands o) {
        zipped(b, kernel, o).run();
    }

    private static void relu(CudaPointwise b, Operands o) {
        Buffer x = o.inputs().get(0);
        Buffer y = o.outputs().get(0);
        Task task = Task.of(Op.RELU, new Task.Elements(o.length()));
        Choices c = b.choices();
        c.run(task, () -> map(b, Kernel.RELU, o), way -> c.cudnn().relu(x, y, task), x, y);
    }

    private static void reluGrad(CudaPointwise b, Operands o) {
        Buffer y = o.inputs().get(0);
        Buffer dy = o.inputs().get(1);
        Buffer dx = o.outputs().get(0);
        Task task = Task.of(Op.RELU_GRAD, new Task.Elements(o.length()));
        Choices c = b.choices();
        c.run(
                task,
                () -> zipped(b, Kernel.RELU_GRAD, o).float32(1).run(),
                way -> c.cudnn().reluGrad(y, dy, dx, task),
                y,
                dy,
                dx);
    }

    private static void dropoutOfReluGrad(CudaPointwise b, Operands o) {
        zipped(b, Kernel.RELU_GRAD, o).float32(o.numbers()[0]).run();
    }

    private static void dropout(CudaPointwise b, Operands o) {
        Buffer x = o.inputs().get(0);
        Buffer y = o.outputs().get(0);
        double[] numbers = o.numbers();
        RandomStream stream = o.streams().get(0);
        Task task = Task.of(Op.DROPOUT, new Task.Elements(o.length()));
        Choices c = b.choices();
        c.run(
                task,
                () -> ownDropout(b, o, numbers, stream),
                way -> c.cudnn().dropout(x, y, (float) numbers[0], stream, task),
                x,
                y);
    }

    private static void ownDropout(
            CudaPointwise b, Operands o, double[] numbers, RandomStream stream) {
        each(b, Kernel.DROPOUT, o.length())
                .pointer(o.inputs().get(0))
                .pointer(o.outputs().get(0))
                .int32(o.length())
                .int64(stream.seed())
                .int32(
                        Streams.dropout(stream.seed(), stream.ordinal(), stream.forward().asLong())
                                .c3())
                .int32(PhiloxStream.dropoutThreshold((float) numbers[0]))
                .float32(numbers[1])
                .step(stream.forward())
                .run();
    }

    private static void adam(CudaPointwise b, Operands o, boolean isDecoupled) {
        List<StepValue> p = o.parameters();
        double[] numbers = o.numbers();
        Launch launch = b.gpu().launch(Kernel.ADAM, o.length());
        o.inputs().forEach(launch::pointer);
        launch.int32(o.length());
        launch.struct()
                .putDouble(numbers[2])
                .putDouble(numbers[3])
                .putDouble(numbers[4])
                .putDouble(numbers[1])
                .putInt(isDecoupled ? 1 : 0)
                .putInt(0);
        launch.step(p.get(0)).step(p.get(5)).step(p.get(6)).run();
    }
}
