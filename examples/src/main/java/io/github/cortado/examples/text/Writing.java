package io.github.cortado.examples.text;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.models.GPT;
import io.github.cortado.models.Sampling;
import java.util.Arrays;

/**
 * Writes on behind a text, as long as one likes.
 *
 * @param model in evaluation mode
 * @param context how many characters the model sees at once
 */
record Writing(GPT model, Alphabet alphabet, int context, Device device) {
    /**
     * The prompt and what the model writes behind it. Where the context is full, the second half of
     * it is what is written on behind.
     */
    String behind(String prompt, int count, Sampling sampling) {
        long[] seen = alphabet.encode(prompt);
        StringBuilder text = new StringBuilder(prompt);
        for (int part = 0; count > 0; part++) {
            int kept = Math.min(seen.length, context / 2);
            int more = Math.min(count, context - kept);
            Tensor last =
                    Tensor.of(Arrays.copyOfRange(seen, seen.length - kept, seen.length), 1, kept);
            Sampling own =
                    new Sampling(sampling.temperature(), sampling.topK(), sampling.seed() + part);
            seen = model.generate(last.to(device), more, own).toLongs();
            text.append(alphabet.decode(Arrays.copyOfRange(seen, kept, seen.length)));
            count -= more;
        }
        return text.toString();
    }
}
