/* The link between a microcontroller and the village kiosk: C99, no heap, no dependency.
 *
 * On the wire: 00 COBS(type seq length payload crc) 00. The CRC is CRC-16/MODBUS over type, seq, length and payload, low byte first.
 * Text may be printed between frames. The other end is kampung_bridge/link.py; tests/bridge/test_firmware.py holds the two together.
 */
#ifndef KAMPUNG_LINK_H
#define KAMPUNG_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KAMPUNG_MAX_PAYLOAD 240
#define KAMPUNG_MAX_BLOCK (KAMPUNG_MAX_PAYLOAD + 6) /* type, seq, length, payload, CRC, and COBS's one byte */
#define KAMPUNG_MAX_FRAME (KAMPUNG_MAX_BLOCK + 2)   /* and both zeros */
#define KAMPUNG_OUTPUTS 4

enum {
    KAMPUNG_READINGS = 0x01,    /* n x (channel u8, value s32 low byte first) */
    KAMPUNG_HELLO = 0x02,       /* protocol version u8, name in ASCII */
    KAMPUNG_SET_OUTPUT = 0x10,  /* output u8, state u8, seconds u16: from the kiosk */
    KAMPUNG_OUTPUT_DONE = 0x11, /* output u8, result u8, state u8, seconds left u16: with the command's seq */
    KAMPUNG_ALIVE = 0x12        /* nothing: from the kiosk, each 10 s */
};

enum { KAMPUNG_DONE = 0, KAMPUNG_NO_SUCH_OUTPUT = 1, KAMPUNG_INTERLOCKED = 2, KAMPUNG_BAD_COMMAND = 3 };

typedef struct {
    uint8_t type;
    uint8_t seq;
    uint8_t length;
    uint8_t payload[KAMPUNG_MAX_PAYLOAD];
} kampung_message;

/* Frames out. `frame` must hold KAMPUNG_MAX_FRAME bytes; the result is how many were written, 0 when the payload is too long. */
size_t kampung_encode(uint8_t type, uint8_t seq, const uint8_t *payload, size_t length, uint8_t *frame);

/* A payload of readings, one after another; false when it is full. */
typedef struct {
    uint8_t bytes[KAMPUNG_MAX_PAYLOAD];
    size_t length;
} kampung_readings;
void kampung_readings_begin(kampung_readings *readings);
bool kampung_readings_add(kampung_readings *readings, uint8_t channel, int32_t value);

/* Frames in, byte by byte; true when `message` has just become whole. Whatever else comes is passed over. */
typedef struct {
    uint8_t block[KAMPUNG_MAX_BLOCK];
    size_t length;
    bool overlong;
} kampung_decoder;
void kampung_decoder_begin(kampung_decoder *decoder);
bool kampung_decode(kampung_decoder *decoder, uint8_t byte, kampung_message *message);

/* Outputs that go off by themselves: after the seconds of their command, and when the kiosk has not been heard for `silent_s`.
 * `allowed` is the interlock: asked before an output goes on; NULL allows all. */
typedef struct {
    bool on[KAMPUNG_OUTPUTS];
    uint32_t off_at_ms[KAMPUNG_OUTPUTS];
    uint16_t longest_s[KAMPUNG_OUTPUTS]; /* 0: there is no such output */
    uint16_t silent_s;                   /* 0: silence switches nothing off; else give the kiosk several beats of 10 s */
    uint32_t heard_ms;
    bool (*allowed)(uint8_t output);
} kampung_outputs;
/* Call with every message of the kiosk: the answer to a command, as a frame, and the outputs changed; 0 for a message that is no
 * command. `now_ms` may wrap around. */
size_t kampung_obey(kampung_outputs *outputs, const kampung_message *command, uint32_t now_ms, uint8_t *frame);
/* Call often: switches off what has been on long enough, and everything when the kiosk is silent. True when an output changed. */
bool kampung_expire(kampung_outputs *outputs, uint32_t now_ms);

/* Pulses of a tipping bucket: true for an edge that counts, false for a bounce of less than `debounce_ms`. */
typedef struct {
    uint32_t count;
    uint32_t last_ms;
    uint32_t debounce_ms;
    bool any;
} kampung_pulses;
bool kampung_pulse(kampung_pulses *pulses, uint32_t now_ms);

uint16_t kampung_crc16(const uint8_t *data, size_t length);

#ifdef __cplusplus
}
#endif
#endif
