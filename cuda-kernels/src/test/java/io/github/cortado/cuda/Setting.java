package io.github.cortado.cuda;

import io.github.cortado.backend.Placing;
import io.github.cortado.cuda.Emulator.Order;
import java.util.List;

/** Where buffers lie and in which order threads run: what must not show in any result. */
record Setting(Placing placing, Order order) {
    /** Every placing and, twice each, every order. */
    static final List<Setting> ALL =
            List.of(
                    new Setting(Placing.ALIGNED, Order.SHUFFLED),
                    new Setting(Placing.UNALIGNED, Order.ASCENDING),
                    new Setting(Placing.MIXED.get(0), Order.DESCENDING),
                    new Setting(Placing.MIXED.get(1), Order.SHUFFLED),
                    new Setting(Placing.MIXED.get(2), Order.ASCENDING),
                    new Setting(Placing.TIGHT, Order.DESCENDING));

    /** More shuffled orders, each another one, for what happens seldom. */
    static final List<Setting> MORE =
            List.of(
                    new Setting(Placing.ALIGNED, Order.SHUFFLED),
                    new Setting(Placing.UNALIGNED, Order.SHUFFLED),
                    new Setting(Placing.TIGHT, Order.SHUFFLED));
}
