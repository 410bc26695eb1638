package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What a {@link Pending} is computed from, and whether that still is what it was. */
final class Sources {
    private final int[] versions;
    private volatile List<Tensor> inputs;

    /** These, with the values that they have, or will have. */
    Sources(List<Tensor> inputs) {
        List<Tensor> from = new ArrayList<>(inputs.size());
        this.versions = new int[inputs.size()];
        for (int i = 0; i < versions.length; i++) {
            from.add(inputs.get(i).detach());
            versions[i] = Internals.version(inputs.get(i));
        }
        this.inputs = from;
    }

    /** None once they were {@linkplain #forget forgotten}. */
    List<Tensor> inputs() {
        return inputs;
    }

    /** What has been computed needs them no more. */
    void forget() {
        inputs = List.of();
    }

    /** Takes copies in place of those that lie in the memory of x. */
    void copy(Tensor x) {
        List<Tensor> all = inputs;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).sharesMemoryWith(x)) {
                all.set(i, all.get(i).copy());
                versions[i] = 0;
            }
        }
    }

    /** Whether memory of one was given back. */
    boolean isGone() {
        for (Tensor x : inputs) {
            Pending open = Internals.pending(x);
            if (open != null ? open.sources().isGone() : Internals.isReleased(x)) {
                return true;
            }
        }
        return false;
    }

    /** Whether none has been overwritten since. */
    boolean isUnchanged() {
        List<Tensor> from = inputs;
        for (int i = 0; i < from.size(); i++) {
            Tensor input = from.get(i);
            Pending open = Internals.pending(input);
            if (open != null
                    ? !open.sources().isUnchanged()
                    : Internals.version(input) != versions[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * What has to be there while it is computed from these, and may be given back.
     *
     * @throws IllegalStateException if that was done already
     */
    List<Tensor> lent() {
        List<Tensor> all = new ArrayList<>();
        addLent(all);
        return all;
    }

    private void addLent(List<Tensor> all) {
        for (Tensor input : inputs) {
            Pending open = Internals.pending(input);
            if (open != null) {
                open.sources().addLent(all);
            } else if (!input.buffer().isKept()) {
                all.add(input);
            }
        }
    }
}
