package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls what users want to do with the gradient of one tensor, see {@link Tensor#registerHook}. */
final class GradientHooks {
    private GradientHooks() {}

    /**
     * The gradient that goes on, after each hook has seen what those before it left.
     *
     * @param what the tensor, for messages
     * @param create whether what hooks do is recorded
     */
    static Tensor run(
            @Nullable HookList<Function<Tensor, @Nullable Tensor>> hooks,
            String what,
            Tensor dy,
            boolean create) {
        if (hooks == null || hooks.isEmpty()) {
            return dy;
        }
        Tensor gradient = dy;
        for (Function<Tensor, @Nullable Tensor> hook : hooks.present()) {
            gradient.buffer().shown();
            int version = Internals.version(gradient);
            Tensor changed = hook.apply(gradient);
            if (Internals.version(gradient) != version) {
                throw new IllegalStateException(
                        "registerHook: a hook of "
                                + what
                                + " overwrote the gradient that it was given, which others may"
                                + " need; return another one instead");
            }
            if (changed != null && changed != gradient) {
                check(what, gradient, changed);
                gradient = create ? changed : changed.detach();
            }
        }
        return gradient;
    }

    private static void check(String what, Tensor expected, Tensor changed) {
        String difference = difference(expected, changed);
        if (difference != null) {
            throw new IllegalArgumentException(
                    "registerHook: a hook of " + what + " returned a gradient " + difference);
        }
    }

    /** How a gradient differs from what it has to be like; null where it does not. */
    static @Nullable String difference(Tensor expected, Tensor actual) {
        if (!actual.shape().equals(expected.shape())) {
            return "of shape " + actual.shape() + ", expected " + expected.shape();
        }
        if (actual.dtype() != expected.dtype()) {
            return "of type " + actual.dtype() + ", expected " + expected.dtype();
        }
        return actual.device().sameAs(expected.device())
                ? null
                : "on " + actual.device() + ", expected it on " + expected.device();
    }
}
