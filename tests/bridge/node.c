/* A simulated node on standard input and output, for test_firmware.py. Text lines on its argument list choose the mode. */
#include "kampung_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
            printf("%s\n", kampung_expire(&outputs, now) ? "valve closed by its time" : "nothing to close");
        }
        size_t size = kampung_obey(&outputs, &message, now, frame);
        fwrite(frame, 1, size, stdout);
    }
    return 0;
}
