package io.github.cortado.optim;

import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Updates;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of one device and dtype side by side in one buffer, their gradients in a second, and
 * every kind of optimizer state in one more, all arranged alike: so that one call updates them all,
 * and their addresses stay the same from step to step.
 */
final class FlatStorage {
    /** Parameters begin at multiples of this many elements, so that vectors are aligned. */
    private static final int ALIGNMENT = 16;

    private static final int MAX_LENGTH = 1 << 30;

    private final Device device;
    private final Buffer weights;
    private final Buffer gradients;
    private final Map<String, Buffer> state = new LinkedHashMap<>();
    private final Map<String, Map<Member, Tensor>> states = new LinkedHashMap<>();
    private final List<Member> members = new ArrayList<>();

    /**
     * A parameter in the storage.
     *
     * @param index among the optimizer's parameters
     * @param weight the part of the storage that the parameter should be in
     */
    record Member(int index, Tensor parameter, int offset, Buffer weight, Buffer gradient) {
        int length() {
            return weight.length();
        }

        boolean isInPlace() {
            return parameter.buffer() == weight;
        }
    }

    private FlatStorage(List<Tensor> parameters, List<Integer> indices, int length) {
        Tensor first = parameters.get(indices.get(0));
        device = first.device();
        weights = zeros(first, length);
        gradients = zeros(first, length);
        int offset = 0;
        for (int i : indices) {
            Tensor p = parameters.get(i);
            Member m =
                    new Member(
                            i,
                            p,
                            offset,
                            weights.part(offset, p.size()),
                            gradients.part(offset, p.size()));
            Internals.moveInto(p, m.weight, m.gradient);
            members.add(m);
            offset += aligned(p.size());
        }
    }

    /** One parameter where it is. */
    private FlatStorage(Tensor parameter, int index) {
        device = parameter.device();
        weights = parameter.buffer();
        gradients = zeros(parameter, parameter.size());
        members.add(new Member(index, parameter, 0, weights, gradients));
    }

    /**
     * Moves these parameters into as few storages as their devices and dtypes allow. What another
     * optimizer has moved since stays there, or two that share a parameter would take it from each
     * other at every step; so does what is a part of a larger tensor.
     *
     * @param wanted which of them
     * @param before storages that they were in
     */
    static List<FlatStorage> of(
            List<Tensor> parameters, boolean[] wanted, List<FlatStorage> before) {
        List<FlatStorage> storages = new ArrayList<>();
        boolean[] placed = new boolean[parameters.size()];
        for (int i = 0; i < placed.length; i++) {
            if (!wanted[i]) {
                placed[i] = true;
            } else if (staysInPlace(parameters.get(i), i, before)) {
                placed[i] = true;
                storages.add(new FlatStorage(parameters.get(i), i));
            }
        }
        for (int i = 0; i < placed.length; i++) {
            if (placed[i]) {
                continue;
            }
            Tensor first = parameters.get(i);
            List<Integer> group = new ArrayList<>();
            long length = 0;
            for (int j = i; j < placed.length; j++) {
                Tensor p = parameters.get(j);
                if (!placed[j]
                        && p.device().sameAs(first.device())
                        && p.dtype() == first.dtype()
                        && (group.isEmpty() || length + aligned(p.size()) <= MAX_LENGTH)) {
                    placed[j] = true;
                    group.add(j);
                    length += aligned(p.size());
                }
            }
            storages.add(new FlatStorage(parameters, group, Math.toIntExact(length)));
        }
        return storages;
    }

    private static boolean staysInPlace(Tensor p, int index, List<FlatStorage> before) {
        Buffer b = p.buffer();
        boolean taken = !before.isEmpty() && b.isPart();
        for (FlatStorage storage : before) {
            for (Member m : storage.members) {
                taken &= m.index != index || m.weight != b;
            }
        }
        return taken || !b.isWhole();
    }

    private static int aligned(int n) {
        return Math.addExact(n, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static Buffer zeros(Tensor like, int length) {
        Buffer b = like.device().backend().allocate(like.dtype(), length);
        b.keep();
        return b;
    }

    List<Member> members() {
        return members;
    }

    /** False once a parameter has been moved elsewhere, such as to another device. */
    boolean isInPlace() {
        for (Member m : members) {
            if (!m.isInPlace() || !m.parameter.device().sameAs(device)) {
                return false;
            }
        }
        return true;
    }

    /** Names of the state that there is. */
    Iterable<String> stateNames() {
        return state.keySet();
    }

    /** The state of that name of one parameter; null where there is none yet. */
    @Nullable Tensor state(String name, Member m) {
        Buffer all = state.get(name);
        return all == null
                ? null
                : states.computeIfAbsent(name, n -> new IdentityHashMap<>())
                        .computeIfAbsent(
                                m,
                                k ->
                                        new Tensor(
                                                device,
                                                m.parameter.shape(),
                                                all.part(m.offset, m.length())));
    }

    /** All state of that name, zeros at first. */
    Buffer allState(String name) {
        return state.computeIfAbsent(name, n -> zeros(members.get(0).parameter, weights.length()));
    }

    /**
     * The members {@code from .. to - 1} as if they were one parameter.
     *
     * @param steps count of the updates of the first of them
     * @param group that they all belong to
     * @param carried numbers of each of them, if the optimizer has one
     * @param ascends whether their gradients are to be taken with the other sign
     */
    Run run(int from, int to, Count steps, Group group, List<Carried> carried, boolean ascends) {
        int offset = members.get(from).offset;
        Member last = members.get(to - 1);
        int length = last.offset + last.length() - offset;
        return new Run(this, offset, length, steps, group, carried, ascends);
    }

    /** Neighbouring parameters that are updated as one. */
    record Run(
            FlatStorage storage,
            int offset,
            int length,
            Count steps,
            Group group,
            List<Carried> carried,
            boolean ascends) {
        /**
         * Runs an update over weights, gradients and the state of these names, and writes weights
         * and state.
         */
        void update(Formula formula, List<String> names, StepValue... parameters) {
            Buffer w = weights();
            List<Buffer> states = names.stream().map(this::state).toList();
            List<Buffer> inputs = new ArrayList<>(List.of(w, gradients()));
            inputs.addAll(states);
            run(formula, inputs, w, states, parameters);
        }

        /** As {@link #update}, of an update that does not read the state, for it begins it. */
        void begin(Formula formula, List<String> names, StepValue... parameters) {
            Buffer w = weights();
            List<Buffer> states = names.stream().map(this::state).toList();
            run(formula, List.of(w, gradients()), w, states, parameters);
        }

        private void run(
                Formula formula,
                List<Buffer> inputs,
                Buffer w,
                List<Buffer> states,
                StepValue... parameters) {
            List<Buffer> outputs = new ArrayList<>(List.of(w));
            outputs.addAll(states);
            storage.device
                    .backend()
                    .pointwise(
                            ascends ? Updates.ascending(formula) : formula,
                            Operands.of(inputs, outputs, List.of(parameters)));
        }

        private Buffer weights() {
            return storage.weights.slice(offset, length);
        }

        private Buffer gradients() {
            return storage.gradients.slice(offset, length);
        }

        private Buffer state(String name) {
            return storage.allState(name).slice(offset, length);
        }
    }
}
