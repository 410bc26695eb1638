package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gradients beyond {@link Tensor#backward()}: by chosen tensors, of operations of one's own,
 * without what takes memory; and whether the calling thread records any.
 */
public final class Autograd {
    private static final ThreadLocal<State> STATE = ThreadLocal.withInitial(State::new);

    private Autograd() {}

    /** Of one thread. */
    private static final class State {
        int paused;
        int walks;
        boolean aside;
    }

    /** Ends what {@link #noGrad} began. */
    public interface Pause extends AutoCloseable {
        @Override
        void close();
    }

    // Recording

    /**
     * Operations record no gradients until the result is closed:
     *
     * <pre>{@code
     * try (var pause = Autograd.noGrad()) {
     *     logits = model.forward(images);
     * }
     * }</pre>
     */
    public static Pause noGrad() {
        State state = STATE.get();
        state.paused++;
        return once(() -> state.paused--);
    }

    /** Operations record gradients until the result is closed, inside of {@link #noGrad}, too. */
    public static Pause enableGrad() {
        State state = STATE.get();
        int before = state.paused;
        state.paused = 0;
        return once(() -> state.paused = before);
    }

    /** Closing it twice does not end another. */
    private static Pause once(Runnable end) {
        return new Pause() {
            private boolean open = true;

            @Override
            public void close() {
                if (open) {
                    open = false;
                    end.run();
                }
            }
        };
    }

    /** Whether operations on the calling thread record gradients. */
    public static boolean isRecording() {
        return STATE.get().paused == 0;
    }

    /**
     * Leaves the results of this thread's last backward pass to the garbage collector, where a
     * device would have released them at the next one: a device that replays the pass needs them.
     */
    public static void keepOutputs() {
        Outputs.ofThisThread().forget();
    }

    /**
     * Notes that this thread walks through a graph, until the result is closed.
     *
     * @param aside whether what it computes is for {@link #grad} and no tensor's own gradient
     */
    static Pause walk(boolean aside) {
        State state = STATE.get();
        boolean before = state.aside;
        state.walks++;
        state.aside = aside;
        return () -> {
            state.walks--;
            state.aside = before;
        };
    }

    /** Whether a gradient function of one walk has begun another. */
    static boolean isNestedWalk() {
        return STATE.get().walks > 1;
    }

    /** Whether gradients that are computed now are no tensor's own. */
    public static boolean isAside() {
        return STATE.get().aside;
    }

    // Gradients by chosen tensors

    /**
     * Gradients of a scalar by these tensors, leaves or results of operations, in their order;
     * nobody's {@link Tensor#grad()} changes. The part of the graph between them goes.
     *
     * @throws ShapeException if the output has more than one element
     * @throws IllegalArgumentException if an input was not used for the output
     * @throws IllegalStateException if the output or an input requires no gradient, or the graph
     *     was walked before
     */
    public static List<Tensor> grad(Tensor output, Tensor... inputs) {
        return some(grad(output, List.of(inputs), new GradOptions()));
    }

    @SuppressWarnings("NullAway") // Only allowUnused makes nulls.
    private static List<Tensor> some(List<@Nullable Tensor> gradients) {
        return (List<Tensor>) (List<?>) gradients;
    }

    /**
     * As {@link #grad(Tensor, Tensor...)}: of any output, keeping the graph, with gradients that
     * have gradients, or null for inputs that were not used.
     *
     * @throws UnsupportedOperationException with {@code createGraph}, naming the first operation
     *     whose gradient is not made of operations that record theirs
     */
    public static List<@Nullable Tensor> grad(
            Tensor output, List<Tensor> inputs, GradOptions options) {
        check("the output", output);
        for (int i = 0; i < inputs.size(); i++) {
            check("input " + i, inputs.get(i));
        }
        Tensor dy = seed(output, options.gradOutput());
        List<@Nullable Tensor> gradients =
                Walk.to(inputs, output, dy, options.retainGraph(), options.createGraph());
        for (int i = 0; i < inputs.size(); i++) {
            if (gradients.get(i) == null && !options.allowUnused()) {
                throw new IllegalArgumentException(
                        "grad: the output was not computed from input "
                                + i
                                + ", of shape "
                                + inputs.get(i).shape()
                                + "; with allowUnused its gradient is null");
            }
        }
        return gradients;
    }

    private static void check(String what, Tensor x) {
        if (!x.requiresGrad()) {
            throw new IllegalStateException(
                    "grad: "
                            + what
                            + ", of shape "
                            + x.shape()
                            + ", requires no gradient"
                            + (isRecording() ? "" : ", and noGrad() is in force"));
        }
    }

    private static Tensor seed(Tensor output, @Nullable Tensor given) {
        if (given == null) {
            if (output.size() != 1) {
                throw new ShapeException(
                        "grad: an output of shape "
                                + output.shape()
                                + " is not a scalar; reduce it, or pass its gradient");
            }
            return Internals.one(output);
        }
        String difference = GradientHooks.difference(output, given);
        if (difference != null) {
            throw new IllegalArgumentException("grad: the gradient of the output is " + difference);
        }
        return given;
    }

    // Memory for time

    /**
     * y = function(x), of which nothing is kept but y: a backward pass runs the function again,
     * with the random numbers of the first run. Gradients are those without it, to the bit unless
     * something that would have been fused is parted at the function's ends. Running statistics of
     * batch normalisations change once; what else the function changes, it changes twice. Tensors
     * made inside are gone after, unless they were {@linkplain Tensor#keep() kept}, where memory is
     * managed.
     *
     * <p>torch.utils.checkpoint with use_reentrant=False.
     *
     * @throws IllegalStateException in a backward pass, if something that the function read was
     *     overwritten since, or it draws or returns something else
     */
    public static Tensor checkpoint(UnaryOperator<Tensor> function, Tensor x) {
        return Checkpoint.run(() -> function.apply(x));
    }

    /** As {@link #checkpoint(UnaryOperator, Tensor)}, of two tensors. */
    public static Tensor checkpoint(BinaryOperator<Tensor> function, Tensor a, Tensor b) {
        return Checkpoint.run(() -> function.apply(a, b));
    }

    /** As {@link #checkpoint(UnaryOperator, Tensor)}, of any number of tensors. */
    public static Tensor checkpoint(Function<List<Tensor>, Tensor> function, Tensor... inputs) {
        List<Tensor> all = List.of(inputs);
        return Checkpoint.run(() -> function.apply(all));
    }

    // Operations of one's own

    /**
     * An operation with a gradient of its own:
     *
     * <pre>{@code
     * static final UserOperation SQUARE =
     *         Autograd.function(
     *                 "square",
     *                 c -> c.input(0).square(),
     *                 (c, dy) -> new Tensor[] {dy.mul(c.input(0)).mul(2)});
     * ...
     * Tensor y = SQUARE.apply(x);
     * }</pre>
     *
     * <p>What the gradient reads of the inputs and of what was saved must not have been overwritten
     * by then. It has gradients in turn, for {@code createGraph}, where nothing was saved.
     *
     * @param name for messages
     */
    public static UserOperation function(
            String name, UserOperation.Forward forward, UserOperation.Backward backward) {
        return new UserOperation(name, forward, backward);
    }
}
