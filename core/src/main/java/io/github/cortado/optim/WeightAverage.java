package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.StepNumber.Computed;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/**
 * Averages of parameters over a training, which often predict better than the last ones: PyTorch's
 * {@code AveragedModel}, of parameters instead of a copy of the network. {@link #swap} puts them
 * into the network, and once more takes them out again.
 *
 * <pre>{@code
 * WeightAverage average = WeightAverage.exponential(net.parameters(), 0.999);
 * ...
 * optimizer.step();
 * average.update();
 * ...
 * average.swap();
 * evaluate(net);
 * average.swap();
 * }</pre>
 *
 * <p>Running statistics of a batch normalisation are not parameters, and stay the network's; for
 * those of averaged weights run the network over some batches in training after a swap.
 */
public final class WeightAverage {
    private final List<Tensor> parameters;
    private final List<Tensor> averages = new ArrayList<>();
    private final Count updates = new Count();
    private final LongToDoubleFunction share;
    private boolean isSwapped;

    private WeightAverage(List<Tensor> parameters, LongToDoubleFunction share) {
        this.parameters = List.copyOf(parameters);
        this.share = share;
        for (Tensor p : this.parameters) {
            averages.add(p.detach().copy().keep());
        }
    }

    /**
     * The mean of the parameters at all updates, for stochastic weight averaging (Izmailov et al.,
     * arXiv 1803.05407): after update n it is a + (w - a) / n.
     */
    public static WeightAverage equal(List<Tensor> parameters) {
        return new WeightAverage(parameters, n -> 1.0 / n);
    }

    /**
     * decay a + (1 - decay) w after each update, the first one w.
     *
     * @throws IllegalArgumentException unless the decay is from 0 to 1
     */
    public static WeightAverage exponential(List<Tensor> parameters, double decay) {
        if (!(decay >= 0 && decay <= 1)) {
            throw new IllegalArgumentException(
                    "WeightAverage: decay must be from 0 to 1, got " + decay);
        }
        return new WeightAverage(parameters, n -> n == 1 ? 1 : 1 - decay);
    }

    /**
     * Takes the present parameters in; may be a part of a compiled step.
     *
     * @throws IllegalStateException while the averages are in the parameters' places
     */
    public void update() {
        checkNotSwapped();
        Pending.settleAll();
        updates.add(1);
        StepValue now = new Computed(share, updates).now();
        for (int i = 0; i < averages.size(); i++) {
            Buffer w = followed(i).buffer();
            Buffer a = averages.get(i).buffer();
            Backend backend = parameters.get(i).device().backend();
            Operands all = Operands.of(List.of(a, w), List.of(a), List.of(now));
            Buffer.overwriting(List.of(a), () -> backend.pointwise(Updates.AVERAGE, all));
        }
    }

    private void checkNotSwapped() {
        if (isSwapped) {
            throw new IllegalStateException(
                    "WeightAverage: the averages are in the parameters' places; swap them back");
        }
    }

    /** The parameter; its average goes where it has gone. */
    private Tensor followed(int i) {
        Tensor p = parameters.get(i);
        Tensor a = averages.get(i);
        if (!a.device().sameAs(p.device()) || a.dtype() != p.dtype()) {
            a.move(p.device(), p.dtype());
        }
        return p;
    }

    /** Exchanges the values of the parameters and their averages. */
    public void swap() {
        for (int i = 0; i < averages.size(); i++) {
            Tensor p = followed(i);
            Tensor w = p.detach().copy();
            p.copyFrom(averages.get(i));
            averages.get(i).copyFrom(w);
        }
        isSwapped = !isSwapped;
    }

    /** The averages, in the parameters' order; while swapped, the parameters. */
    public List<Tensor> averages() {
        return List.copyOf(averages);
    }

    /** How many updates there were. */
    public long updates() {
        return updates.get();
    }

    /**
     * The averages under the parameters' numbers, such as {@code 3}, for a file.
     *
     * @throws IllegalStateException while the averages are in the parameters' places
     */
    public Map<String, Tensor> stateTensors() {
        checkNotSwapped();
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (int i = 0; i < averages.size(); i++) {
            all.put(Integer.toString(i), averages.get(i));
        }
        return all;
    }

    /**
     * Sets what {@link #stateTensors} and {@link #updates} returned.
     *
     * @throws IllegalArgumentException naming the entry that is missing or does not fit; nothing
     *     has been changed then
     * @throws IllegalStateException while the averages are in the parameters' places
     */
    public void loadState(Map<String, Tensor> tensors, long updates) {
        checkNotSwapped();
        if (updates < 0 || tensors.size() != averages.size()) {
            throw new IllegalArgumentException(
                    "WeightAverage: state of "
                            + tensors.size()
                            + " parameters after "
                            + updates
                            + " updates for "
                            + averages.size()
                            + " parameters");
        }
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < averages.size(); i++) {
            Tensor saved = tensors.get(Integer.toString(i));
            if (saved == null || !saved.shape().equals(averages.get(i).shape())) {
                throw new IllegalArgumentException(
                        "WeightAverage: state "
                                + i
                                + " is "
                                + (saved == null ? "missing" : saved.shape().toString())
                                + ", expected "
                                + averages.get(i).shape());
            }
            values.add(saved);
        }
        for (int i = 0; i < values.size(); i++) {
            averages.get(i).copyFrom(values.get(i));
        }
        this.updates.set(updates);
    }
}
