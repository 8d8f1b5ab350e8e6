/* A simulated node on standard input and output, for test_firmware.py: node [echo | live | stepped] [SILENT_SECONDS]. */
#define _POSIX_C_SOURCE 200809L
#include "kampung_link.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint32_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

/* As the sketch's loop: commands in, answers out, outputs off by themselves, by the true clock, until the input ends. */
static int live(kampung_outputs *outputs)
{
    uint8_t frame[KAMPUNG_MAX_FRAME];
    kampung_message message;
    kampung_decoder decoder;
    uint8_t byte;
    struct pollfd input = {0, POLLIN, 0};
    kampung_decoder_begin(&decoder);
    for (;;) {
        if (poll(&input, 1, 10) > 0) {
            if (read(0, &byte, 1) != 1)
                return 0;
            if (kampung_decode(&decoder, byte, &message)) {
                fwrite(frame, 1, kampung_obey(outputs, &message, clock_ms(), frame), stdout);
                printf("%s\n", outputs->on[0] ? "valve open" : "valve shut");
            }
        }
        if (kampung_expire(outputs, clock_ms()))
            printf("valve closed by itself\n");
        fflush(stdout);
    }
}

static bool refuse(uint8_t output) { return output != 1; }

int main(int argc, char **argv)
{
    uint8_t frame[KAMPUNG_MAX_FRAME];
    kampung_message message;
    kampung_decoder decoder;
    kampung_outputs outputs;
    int byte;
    memset(&outputs, 0, sizeof outputs);
    outputs.longest_s[0] = 600;
    outputs.longest_s[1] = 600;
    outputs.allowed = refuse;
    if (argc > 2) /* MODE SILENT_SECONDS */
        outputs.silent_s = (uint16_t)atoi(argv[2]);
    if (argc > 1 && strcmp(argv[1], "live") == 0)
        return live(&outputs);
    kampung_decoder_begin(&decoder);
    if (argc > 1 && strcmp(argv[1], "echo") == 0) { /* what was understood is sent back, framed anew */
        while ((byte = getchar()) != EOF)
            if (kampung_decode(&decoder, (uint8_t)byte, &message))
                fwrite(frame, 1, kampung_encode(message.type, message.seq, message.payload, message.length, frame), stdout);
        return 0;
    }
    printf("boot\n");
    kampung_readings readings;
    kampung_readings_begin(&readings);
    kampung_readings_add(&readings, 1, 3120);
    kampung_readings_add(&readings, 2, -250);
    fwrite(frame, 1, kampung_encode(KAMPUNG_READINGS, 0, readings.bytes, readings.length, frame), stdout);
    uint32_t now = 0xFFFFFF00u; /* the clock wraps around during the test */
    while ((byte = getchar()) != EOF) {
        if (!kampung_decode(&decoder, (uint8_t)byte, &message))
            continue;
        if (message.type == 0x7F) { /* the test moves the clock */
            now += 1000u * message.payload[0];
            printf("%s\n", kampung_expire(&outputs, now) ? "valve closed by itself" : "nothing to close");
        }
        size_t size = kampung_obey(&outputs, &message, now, frame);
        fwrite(frame, 1, size, stdout);
    }
    return 0;
}
