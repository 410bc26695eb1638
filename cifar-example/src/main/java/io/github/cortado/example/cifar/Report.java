package io.github.cortado.example.cifar;

import java.util.List;
import java.util.Optional;

record Report(
        Pictures pictures,
        TrainRun.Settings settings,
        RunInfo info,
        List<Epoch> epochs,
        Optional<Validation> validation,
        TrainRun.Samples samples,
        String stopped,
        double seconds) {
    String html() {
        return "";
    }
}
