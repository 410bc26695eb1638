package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Composition;
import io.github.cortado.backend.formula.Composition.Part;
import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pending formulas that run as one: the last one, and those before it of the same shape that nobody
 * else has asked for. What a gradient will read of them is stored in the same pass. Each value is
 * rounded as it would have been in memory, so the results have the same bits.
 */
final class Chain {
    /** Tensors that a chain reads at most, and formulas that it is made of. */
    private static final int MOST_INPUTS = 8;

    private static final int MOST_PARTS = 16;

    private final PendingFormula last;

    /** The last first; each before those that it is computed from. */
    private final List<PendingFormula> members = new ArrayList<>();

    private final List<Tensor> inputs = new ArrayList<>();

    /** Which formula each of the inputs is that did not become a member; else the input itself. */
    private final List<Object> sources = new ArrayList<>();

    /**
     * What each member reads: members or sources. Settled when it joins, for another thread may ask
     * for any of them while this runs.
     */
    private final List<List<Object>> reads = new ArrayList<>();

    private Chain(PendingFormula last) {
        this.last = last;
    }

    static Chain endingIn(PendingFormula last) {
        Chain chain = new Chain(last);
        chain.gather();
        return chain;
    }

    /** Takes formulas in, the latest first: by then all that the chain makes of one is known. */
    private void gather() {
        Map<Pending, Integer> asked = new IdentityHashMap<>();
        List<PendingFormula> candidates = new ArrayList<>();
        join(last, asked, candidates);
        while (!candidates.isEmpty()) {
            PendingFormula p = latest(candidates);
            candidates.remove(p);
            boolean fits =
                    members.size() < MOST_PARTS
                            && inputs.size() + candidates.size() + p.inputs().size() <= MOST_INPUTS;
            if (fits && asked.getOrDefault(p, 0) == p.uses()) {
                join(p, asked, candidates);
            } else {
                inputs.add(p.tensor());
                sources.add(p);
            }
        }
    }

    private void join(
            PendingFormula p, Map<Pending, Integer> asked, List<PendingFormula> candidates) {
        members.add(p);
        List<Object> from = new ArrayList<>(p.inputs().size());
        for (Tensor x : p.inputs()) {
            if (Internals.pending(x) instanceof PendingFormula f
                    && f.mayBeInChain()
                    && f.shape().equals(last.shape())) {
                if (asked.merge(f, 1, Integer::sum) == 1) {
                    candidates.add(f);
                }
                from.add(f);
            } else {
                from.add(source(x));
            }
        }
        reads.add(from);
    }

    /** What x is among the sources, from now on if it was not. */
    private Object source(Tensor x) {
        for (int i = 0; i < inputs.size(); i++) {
            if (isSame(inputs.get(i), x)) {
                return sources.get(i);
            }
        }
        inputs.add(x);
        sources.add(x);
        return x;
    }

    private static PendingFormula latest(List<PendingFormula> some) {
        PendingFormula latest = some.get(0);
        for (PendingFormula p : some) {
            latest = p.number() > latest.number() ? p : latest;
        }
        return latest;
    }

    private static boolean isSame(Tensor a, Tensor b) {
        Pending open = Internals.pending(a);
        return open != null
                ? open == Internals.pending(b)
                : a.shape().equals(b.shape())
                        && Internals.pending(b) == null
                        && a.buffer() == b.buffer();
    }

    /** Runs all, the last one's values into y. */
    void run(Buffer y) {
        compute(
                (all, written, parameters) -> {
                    List<Buffer> outputs = new ArrayList<>(written);
                    outputs.add(y);
                    if (!all.run(outputs, parameters, List.of()) && members.size() > 1) {
                        Pending.fused(all.formula().name());
                    }
                });
    }

    /** Runs all, and adds the last one's values up. */
    void sum(Buffer y, Axis axis) {
        compute(
                (all, written, parameters) -> {
                    String name = all.formula().name();
                    if (all.sum(written, parameters, y, axis)) {
                        Pending.fused(name + " + sum");
                    } else if (members.size() > 1) {
                        Pending.fused(name);
                    }
                });
    }

    private interface Run {
        /**
         * @param written memory for what is stored, but for the last one's values
         */
        void of(Following all, List<Buffer> written, List<StepValue> parameters);
    }

    private void compute(Run how) {
        // Each after those that it is computed from.
        List<PendingFormula> parts = new ArrayList<>();
        for (int i = members.size() - 1; i >= 0; i--) {
            parts.add(members.get(i));
        }
        List<Part> composed = new ArrayList<>();
        List<StepValue> parameters = new ArrayList<>();
        List<PendingFormula> stored = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            PendingFormula p = parts.get(i);
            List<Object> from = reads.get(parts.size() - 1 - i);
            composed.add(new Part(p.formula(), places(from, parts), p == last || p.isSaved()));
            parameters.addAll(p.parameters());
            if (p != last && p.isSaved()) {
                stored.add(p);
            }
        }
        Formula formula = Composition.of(inputs.size(), composed);
        List<Buffer> written = stored.stream().map(Pending::empty).toList();
        how.of(new Following(formula, inputs, tensorsRead(), last.shape()), written, parameters);
        for (int i = 0; i < stored.size(); i++) {
            stored.get(i).settled(written.get(i));
        }
    }

    /** The inputs that are no formulas, each as often as members read it. */
    private List<Tensor> tensorsRead() {
        List<Tensor> all = new ArrayList<>();
        for (List<Object> from : reads) {
            for (Object o : from) {
                if (o instanceof Tensor x) {
                    all.add(x);
                }
            }
        }
        return all;
    }

    /** Numbers of inputs, or of parts after the inputs. */
    private int[] places(List<Object> read, List<PendingFormula> parts) {
        int[] places = new int[read.size()];
        for (int i = 0; i < places.length; i++) {
            int part = parts.indexOf(read.get(i));
            places[i] = part < 0 ? sources.indexOf(read.get(i)) : inputs.size() + part;
        }
        return places;
    }
}
