package io.github.cortado.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One scheduler after the other: the next one begins at each milestone, with the rates that it
 * would have at its own epoch 0.
 */
public final class SequentialLR extends LRScheduler {
    private final List<Schedule> parts = new ArrayList<>();
    private final int[] milestones;
    private int epoch;

    /**
     * Of these schedulers of one optimizer.
     *
     * @param milestones epochs in which the second, third, ... begin
     * @throws IllegalArgumentException if there is not one milestone less than schedulers, they do
     *     not rise, or a scheduler is one of several or of another optimizer
     */
    public SequentialLR(List<? extends LRScheduler> schedulers, int... milestones) {
        super(Parts.optimizer("SequentialLR", schedulers.toArray(LRScheduler[]::new)));
        for (LRScheduler scheduler : schedulers) {
            if (!(scheduler instanceof Schedule own)) {
                throw wrong("schedulers that are", "no sequences or chains", scheduler.name());
            }
            parts.add(own);
        }
        boolean rises = true;
        for (int i = 0; i < milestones.length; i++) {
            rises &= milestones[i] > (i == 0 ? 0 : milestones[i - 1]);
        }
        if (milestones.length != parts.size() - 1 || !rises) {
            throw wrong(
                    "rising milestones from 1 up, one less than the schedulers,",
                    parts.size() - 1,
                    Arrays.toString(milestones));
        }
        this.milestones = milestones.clone();
        optimizer().setLrs(optimizer().groups().stream().mapToDouble(Group::initialLr).toArray());
        parts.forEach(Schedule::undo);
        parts.get(0).begin();
    }

    @Override
    public void step() {
        epoch++;
        int now = 0;
        while (now < milestones.length && milestones[now] <= epoch) {
            now++;
        }
        if (now > 0 && milestones[now - 1] == epoch) {
            parts.get(now).restart();
        } else {
            parts.get(now).step();
        }
    }

    @Override
    public Map<String, String> state() {
        double[] rates = lastLrs();
        Map<String, String> state = Parts.state(parts);
        state.put("last_epoch", Integer.toString(epoch));
        state.put("lrs", text(rates));
        return state;
    }

    @Override
    public void loadState(Map<String, String> state) {
        int last = (int) numbers(name(), state, "last_epoch", 1)[0];
        double[] rates = numbers(name(), state, "lrs", lastLrs().length);
        Parts.load(name(), parts, state);
        optimizer().setLrs(rates);
        epoch = last;
    }
}
