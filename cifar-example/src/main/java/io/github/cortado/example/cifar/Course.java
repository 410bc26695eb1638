package io.github.cortado.example.cifar;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.optim.Optimizer;
import java.util.Map;
import java.util.Optional;

/** How a network is trained, from its loss on: made for one network and one training. */
interface Course {
    Optimizer optimizer();

    /** The learning rate that was asked for. */
    double lr();

    /** Mean loss of a batch, of logits [n, 10] and labels [n]. */
    Tensor loss(Tensor logits, Tensor labels);

    /**
     * Why losses cannot be counted on the device, in steps that are recorded; empty if they can.
     */
    Optional<String> obstacleToRecording();

    /** Changes the weights along their gradients; a part of each step. */
    void update();

    /** What is done between two steps. */
    void stepped();

    /** Puts the weights to predict with into the network; once more, takes them out again. */
    void swap();

    /** The network, and what else has tensors that a resumed run needs. */
    Block state();

    /** What a resumed run needs besides. */
    Map<String, String> words();

    /**
     * Sets what {@link #words} returned, after the tensors of {@link #state} and the optimizer's.
     *
     * @throws IllegalArgumentException naming what is missing or does not fit
     */
    void restore(Map<String, String> words);
}
