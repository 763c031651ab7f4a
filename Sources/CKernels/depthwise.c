// Depthwise convolution of channels-last images: output and gradient of the input.
//
// Both are one thing: an output row is a sum over lines (rows of the input), each met by a row of taps. Several
// neighbouring outputs are summed at once in registers, so that each input and each tap is loaded once for all of them.
#include "depthwise_lanes.h"

// One output row: out[i] = bias + Σ_l Σ_j line_l[first + i * step + j * pitch] · taps_l[j], l below `lines`, j below `count`.
struct strip {
    // Line 0 and its taps, and how far on the next line, its taps and a line's next tap are, in floats.
    const float *line, *taps;
    ptrdiff_t lines, next_line, next_taps, next_tap;
    // How far on the taps of the next eight channels are.
    ptrdiff_t next_group;
    // Pixels of a line; those outside count as zero.
    ptrdiff_t width, channels;
    ptrdiff_t first, step, pitch, count;
    const float *bias;
    float *out;
    ptrdiff_t outputs, next_out;
};

// `number` neighbouring outputs from `at`, of a strip whose pitch is one, for eight channels. `number`, `count`, `step` and
// `next_tap` are constants after inlining.
DEPTHWISE_INLINE void outputs_at_once(const struct strip *strip, ptrdiff_t at, ptrdiff_t channel, const float *taps, const int number,
                                      const int count, const int step, const int next_tap, const int is_edge) {
    const ptrdiff_t channels = strip->channels, first = strip->first + at * step, next_line = strip->next_line;
    const ptrdiff_t next_taps = strip->next_taps, lines = strip->lines;
    // Pixel first + j exists.
    const ptrdiff_t low = -first, high = strip->width - first;
    const vec bias = strip->bias ? *(const vec *)(strip->bias + channel) : (vec){0};
    vec sum[number];
#pragma unroll
    for (int i = 0; i < number; i++) sum[i] = bias;
    const float *line = strip->line + first * channels + channel;
    for (ptrdiff_t l = 0; l < lines; l++) {
        const float *pixel = line;
#pragma unroll
        for (int j = 0; j < (number - 1) * step + count; j++) {
            if (!is_edge || (j >= low && j < high)) {
                const vec value = *(const vec *)pixel;
#pragma unroll
                for (int i = 0; i < number; i++) {
                    const int u = j - i * step;
                    if (u >= 0 && u < count) sum[i] += value * *(const vec *)(taps + u * next_tap);
                }
            }
            pixel += channels;
        }
        line += next_line;
        taps += next_taps;
    }
    float *out = strip->out + at * strip->next_out + channel;
    const ptrdiff_t next_out = strip->next_out;
#pragma unroll
    for (int i = 0; i < number; i++) *(vec *)(out + i * next_out) = sum[i];
}

// The output at `at`, of any strip, for `groups` times eight channels, or for `size` channels of one group.
DEPTHWISE_INLINE void one_output(const struct strip *strip, ptrdiff_t at, ptrdiff_t channel, const float *taps, const int groups,
                                 const ptrdiff_t size) {
    const ptrdiff_t channels = strip->channels, first = strip->first + at * strip->step, next_group = strip->next_group;
    float sum[4][lanes] = {{0}};
    if (strip->bias) memcpy(sum, strip->bias + channel, (size_t)(groups == 1 ? size : groups * lanes) * sizeof(float));
    for (ptrdiff_t l = 0; l < strip->lines; l++) {
        const float *line = strip->line + l * strip->next_line + channel;
        for (ptrdiff_t j = 0; j < strip->count; j++) {
            const ptrdiff_t x = first + j * strip->pitch;
            if (x < 0 || x >= strip->width) continue;
            const float *tap = taps + l * strip->next_taps + j * strip->next_tap, *pixel = line + x * channels;
#pragma unroll
            for (int g = 0; g < groups; g++)
                for (ptrdiff_t i = 0; i < size; i++) sum[g][i] += pixel[g * lanes + i] * tap[g * next_group + i];
        }
    }
    memcpy(strip->out + at * strip->next_out + channel, sum, (size_t)(groups == 1 ? size : groups * lanes) * sizeof(float));
}

// Asks for the pixels that the next row will meet first, below those of the present outputs.
DEPTHWISE_INLINE void prefetch(const struct strip *strip, ptrdiff_t at, int number, int step) {
    const ptrdiff_t channels = strip->channels;
    for (int l = 0; l < step; l++) {
        const float *from = strip->line + (strip->lines + l) * strip->next_line + (strip->first + at * step) * channels;
        for (ptrdiff_t i = 0; i < number * step * channels; i += 16) __builtin_prefetch(from + i, 0, 2);
    }
    const float *to = strip->out + (strip->outputs + at) * channels;
    for (ptrdiff_t i = 0; i < number * channels; i += 16) __builtin_prefetch(to + i, 1, 2);
}

#define OUTPUTS(number, count, step, next_tap)                                                                       \
    for (; at + number <= strip->outputs; at += number) {                                                            \
        const ptrdiff_t left = strip->first + at * step;                                                             \
        const int is_edge = left < 0 || left + (number - 1) * step + count > strip->width;                           \
        const float *taps = strip->taps;                                                                             \
        prefetch(strip, at, number, step);                                                                           \
        for (ptrdiff_t c = 0; c < whole; c += lanes, taps += strip->next_group) {                                    \
            if (is_edge) outputs_at_once(strip, at, c, taps, number, count, step, next_tap, 1);                      \
            else outputs_at_once(strip, at, c, taps, number, count, step, next_tap, 0);                              \
        }                                                                                                            \
    }
#define VERSION(count, step, next_tap) (((next_tap) * 4 + (step)) * 8 + (count))
#define KERNEL(count, step, next_tap)                        \
    case VERSION(count, step, next_tap):                     \
        OUTPUTS(7, count, step, next_tap * lanes);           \
        OUTPUTS(3, count, step, next_tap * lanes);           \
        break

// The kernels of published networks have versions of their own, and so do the parts of them that a stride leaves.
// All channels of a few pixels come before the next pixels, so that memory is read in long runs.
TY_DISPATCH static void run(const struct strip *strip) {
    const ptrdiff_t whole = strip->channels / lanes * lanes, next_tap = strip->next_tap / lanes;
    const int has_version = strip->pitch == 1 && strip->step < 4 && strip->count < 8;
    ptrdiff_t at = 0;
    switch (has_version ? VERSION(strip->count, strip->step, next_tap) : 0) {
        KERNEL(3, 1, 1);
        KERNEL(5, 1, 1);
        KERNEL(7, 1, 1);
        KERNEL(3, 2, 1);
        KERNEL(5, 2, 1);
        KERNEL(7, 2, 1);
        KERNEL(1, 1, 2);
        KERNEL(2, 1, 2);
        KERNEL(3, 1, 2);
        KERNEL(4, 1, 2);
    }
    for (; at < strip->outputs; at++) {
        const float *taps = strip->taps;
        ptrdiff_t c = 0;
        for (; c + 32 <= whole; c += 32, taps += 4 * strip->next_group) one_output(strip, at, c, taps, 4, lanes);
        for (; c < whole; c += lanes, taps += strip->next_group) one_output(strip, at, c, taps, 1, lanes);
    }
    const float *taps = strip->taps + whole / lanes * strip->next_group;
    for (at = 0; whole < strip->channels && at < strip->outputs; at++)
        one_output(strip, at, whole, taps, 1, strip->channels - whole);
}

void ty_depthwise_forward(const struct ty_depthwise *shape, const float *input, const float *taps, const float *bias,
                          float *output, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t channels = shape->channels, dilation = shape->dilation;
    struct strip strip = {
        .width = shape->width, .channels = channels, .first = -shape->padding, .step = shape->stride, .pitch = dilation,
        .count = shape->kernel_width, .next_tap = lanes, .next_taps = shape->kernel_width * lanes,
        .next_group = shape->kernel_height * shape->kernel_width * lanes, .next_line = dilation * shape->width * channels,
        .bias = bias, .outputs = shape->output_width, .next_out = channels};
    for (ptrdiff_t row = first; row < last; row++) {
        const ptrdiff_t image = row / shape->output_height * shape->height;
        const ptrdiff_t top = row % shape->output_height * shape->stride - shape->padding;
        const ptrdiff_t low = top < 0 ? (-top + dilation - 1) / dilation : 0;
        const ptrdiff_t reach = shape->height - top;
        const ptrdiff_t high = reach <= 0 ? 0 : smaller(shape->kernel_height, (reach + dilation - 1) / dilation);
        strip.lines = high - low;
        strip.line = input + (image + top + low * dilation) * shape->width * channels;
        strip.taps = taps + low * strip.next_taps;
        strip.out = output + row * shape->output_width * channels;
        run(&strip);
    }
}

// The outputs that an input position meets along one axis: tap first_tap + m * tap_step reaches output
// first_output - m * output_step, for m below count. Outputs outside of the image are among them.
struct partners { ptrdiff_t count, first_tap, tap_step, first_output, output_step; };

static struct partners partners_of(ptrdiff_t position, const struct ty_depthwise *shape, ptrdiff_t kernel) {
    // position + padding = output * stride + tap * dilation.
    ptrdiff_t a = shape->stride, b = shape->dilation;
    while (b) {
        const ptrdiff_t rest = a % b;
        a = b;
        b = rest;
    }
    struct partners found = {.tap_step = shape->stride / a, .output_step = shape->dilation / a};
    const ptrdiff_t place = position + shape->padding;
    while (found.first_tap < found.tap_step && (place - found.first_tap * shape->dilation) % shape->stride) found.first_tap++;
    if (found.first_tap == found.tap_step || found.first_tap >= kernel) return found;
    found.count = (kernel - found.first_tap + found.tap_step - 1) / found.tap_step;
    found.first_output = (place - found.first_tap * shape->dilation) / shape->stride;
    return found;
}

void ty_depthwise_backward_data(const struct ty_depthwise *shape, const float *output_gradient, const float *turned,
                                            float *input_gradient, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t channels = shape->channels, stride = shape->stride;
    for (ptrdiff_t row = first; row < last; row++) {
        const ptrdiff_t image = row / shape->height * shape->output_height;
        struct partners rows = partners_of(row % shape->height, shape, shape->kernel_height);
        while (rows.count > 0 && rows.first_output >= shape->output_height) {
            rows.count--;
            rows.first_tap += rows.tap_step;
            rows.first_output -= rows.output_step;
        }
        while (rows.count > 0 && rows.first_output - (rows.count - 1) * rows.output_step < 0) rows.count--;
        // Input columns a stride apart meet the same taps: together they are a correlation with those taps, turned round.
        for (ptrdiff_t phase = 0; phase < smaller(stride, shape->width); phase++) {
            const struct partners columns = partners_of(phase, shape, shape->kernel_width);
            // The turned kernel's tap is the last place less the tap's own.
            const ptrdiff_t line = shape->kernel_height - 1 - rows.first_tap - (rows.count - 1) * rows.tap_step;
            const ptrdiff_t tap = shape->kernel_width - 1 - columns.first_tap - (columns.count - 1) * columns.tap_step;
            const struct strip strip = {
                .line = output_gradient
                    + (image + rows.first_output - (rows.count - 1) * rows.output_step) * shape->output_width * channels,
                .taps = turned + (line * shape->kernel_width + tap) * lanes, .lines = rows.count,
                .next_line = rows.output_step * shape->output_width * channels,
                .next_taps = rows.tap_step * shape->kernel_width * lanes, .next_tap = columns.tap_step * lanes,
                .next_group = shape->kernel_height * shape->kernel_width * lanes, .width = shape->output_width, .channels = channels,
                .first = columns.first_output - (columns.count - 1) * columns.output_step, .step = 1,
                .pitch = columns.output_step, .count = columns.count,
                .out = input_gradient + (row * shape->width + phase) * channels,
                .outputs = (shape->width - phase + stride - 1) / stride, .next_out = stride * channels};
            run(&strip);
        }
    }
}

void ty_depthwise_pack(const float *weight, ptrdiff_t channels, ptrdiff_t taps, int turned, float *packed) {
    for (ptrdiff_t group = 0; group * lanes < channels; group++)
        for (ptrdiff_t tap = 0; tap < taps; tap++)
            for (ptrdiff_t l = 0; l < lanes; l++) {
                const ptrdiff_t channel = group * lanes + l;
                packed[(group * taps + tap) * lanes + l] = channel < channels ? weight[channel * taps + (turned ? taps - 1 - tap : tap)] : 0;
            }
}
