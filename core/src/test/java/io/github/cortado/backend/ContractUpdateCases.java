package io.github.cortado.backend;

import java.util.ArrayList;
import java.util.List;

/** Rows of {@link BackendContract} for the updates of optimizers. */
final class ContractUpdateCases {
    private final List<ContractCase> cases = new ArrayList<>();

    private ContractUpdateCases() {}

    static List<ContractCase> all() {
        ContractUpdateCases table = new ContractUpdateCases();
        table.updates();
        return table.cases;
    }

    private void updates() {
        for (int n : new int[] {0, 1, 3, 7, 16, 17, 31, 33, 64, 207, 60_001}) {
            for (boolean first : new boolean[] {true, false}) {
                for (boolean nesterov : new boolean[] {true, false}) {
                    SgdSpec s = new SgdSpec(0.1, 0.9, nesterov ? 0 : 0.3, 0.01, nesterov, first);
                    row(
                            "sgd",
                            n + " " + s,
                            4,
                            (b, r) -> b.sgd(r.inOut(n, -1, 1), r.random(n), r.inOut(n, -1, 1), s));
                }
            }
            SgdSpec plain = new SgdSpec(0.1, 0, 0, 0.01, false, true);
            row(
                    "sgd",
                    n + " plain",
                    4,
                    (b, r) -> b.sgd(r.inOut(n, -1, 1), r.random(n), null, plain));
            for (boolean decoupled : new boolean[] {true, false}) {
                AdamSpec s = new AdamSpec(0.1, 0.9, 0.999, 1e-8, 0.05, decoupled, 0.271, 2.997e-3);
                row(
                        "adam",
                        n + " " + s,
                        16,
                        (b, r) ->
                                b.adam(
                                        r.inOut(n, -1, 1),
                                        r.random(n),
                                        r.inOut(n, -1, 1),
                                        r.inOut(n, 0.1, 1),
                                        s));
            }
            RmsPropSpec s = new RmsPropSpec(0.1, 0.9, 1e-8, 0.05, 0.5);
            row(
                    "rmsProp",
                    n + " with momentum",
                    16,
                    (b, r) ->
                            b.rmsProp(
                                    r.inOut(n, -1, 1),
                                    r.random(n),
                                    r.inOut(n, 0.1, 1),
                                    r.inOut(n, -1, 1),
                                    s));
            row(
                    "rmsProp",
                    n + " plain",
                    16,
                    (b, r) ->
                            b.rmsProp(r.inOut(n, -1, 1), r.random(n), r.inOut(n, 0.1, 1), null, s));
        }
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
