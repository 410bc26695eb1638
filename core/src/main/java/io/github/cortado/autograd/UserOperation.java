package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An operation with a gradient of the user's own, made by {@link Autograd#function}; what
 * torch.autograd.Function is.
 */
public final class UserOperation {
    private final String name;
    private final Forward forward;
    private final Backward backward;

    /** Computes the result; nothing that it does is recorded. */
    @FunctionalInterface
    public interface Forward {
        /** The result for {@link Context#input the inputs}. */
        Tensor apply(Context context);
    }

    /** Computes the gradients of the inputs. */
    @FunctionalInterface
    public interface Backward {
        /**
         * A gradient for each input, in their order and like them; null where there is none.
         *
         * @param dy the gradient of the result
         */
        @Nullable Tensor[] apply(Context context, Tensor dy);
    }

    /** One call of the operation: what it was given, and what its gradient will read. */
    public static final class Context {
        private final String name;
        private final List<Tensor> inputs;
        private List<Tensor> saved = List.of();

        private Context(String name, List<Tensor> inputs) {
            this.name = name;
            this.inputs = inputs;
        }

        /** Input number {@code i}. */
        public Tensor input(int i) {
            return inputs.get(i);
        }

        /** Whether input {@code i} needs a gradient. */
        public boolean needsInputGrad(int i) {
            return inputs.get(i).requiresGrad();
        }

        /** Keeps tensors that the forward pass has made for the gradient. */
        public void saveForBackward(Tensor... tensors) {
            saved = List.of(tensors);
        }

        /**
         * What was saved under number {@code i}.
         *
         * @throws IndexOutOfBoundsException if so many were not saved
         */
        public Tensor saved(int i) {
            if (i < 0 || i >= saved.size()) {
                throw new IndexOutOfBoundsException(
                        String.format(
                                Locale.ROOT,
                                "%s: there is no saved tensor %d, its forward pass saved %d",
                                name,
                                i,
                                saved.size()));
            }
            return saved.get(i);
        }
    }

    UserOperation(String name, Forward forward, Backward backward) {
        this.name = name;
        this.forward = forward;
        this.backward = backward;
    }

    /** The result for these inputs, from which gradients go to them. */
    public Tensor apply(Tensor... inputs) {
        Context context = new Context(name, List.of(inputs));
        Tensor y;
        try (var pause = Autograd.noGrad()) {
            y = forward.apply(context).detach();
        }
        for (Tensor x : inputs) {
            if (Internals.pending(y) != null && Internals.pending(y) == Internals.pending(x)) {
                // An input itself: from now on both are seen to be in the same memory.
                y.buffer();
                x.buffer();
            }
        }
        Gradients gradients = new Gradients(context);
        Edge[] edges = new Edge[inputs.length];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = gradients.edge(i);
        }
        // In memory of y they are the operation's result, which others may have overwritten.
        return Node.record(name, y, context.saved, edges);
    }

    /** The gradients of one call, computed together. */
    private final class Gradients {
        private final Context context;
        private @Nullable Tensor @Nullable [] all;

        Gradients(Context context) {
            this.context = context;
        }

        /** The gradient of one input. */
        private final class Share implements Edge.Joint {
            private final int number;

            Share(int number) {
                this.number = number;
            }

            @Override
            @SuppressWarnings("NullAway") // None is left out by the walk.
            public Tensor apply(Tensor dy) {
                @Nullable Tensor[] present = all;
                if (present == null) {
                    present = backward(dy);
                    all = present;
                }
                return present[number];
            }

            @Override
            public void forget() {
                all = null;
            }
        }

        Edge edge(int i) {
            Edge edge = Edge.to(context.input(i), new Share(i));
            // What was saved has no way back to the inputs.
            UnaryOperator<Tensor> again = recorded(i);
            return context.saved.isEmpty() ? edge.differentiable(again) : edge;
        }

        @SuppressWarnings("NullAway") // None is left out by the walk.
        private UnaryOperator<Tensor> recorded(int i) {
            return dy -> backward(dy)[i];
        }

        private @Nullable Tensor[] backward(Tensor dy) {
            @Nullable Tensor[] found = backward.apply(context, dy);
            if (found.length != context.inputs.size()) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "%s: expected a gradient for each of %d inputs, or null, got %d",
                                name,
                                context.inputs.size(),
                                found.length));
            }
            for (int i = 0; i < found.length; i++) {
                check(i, found[i]);
            }
            return Arrays.copyOf(found, found.length);
        }

        private void check(int i, @Nullable Tensor gradient) {
            String difference =
                    gradient == null || !context.needsInputGrad(i)
                            ? null
                            : GradientHooks.difference(context.input(i), gradient);
            if (difference != null) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "%s: its gradient of input %d is %s",
                                name,
                                i,
                                difference));
            }
        }
    }
}
