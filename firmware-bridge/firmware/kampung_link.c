#include "kampung_link.h"

#include <string.h>

uint16_t kampung_crc16(const uint8_t *data, size_t length)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < length; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)((crc & 1) ? (crc >> 1) ^ 0xA001 : crc >> 1);
    }
    return crc;
}

/* COBS of at most 253 bytes: always one block, so a code byte never is FF. */
static size_t stuff(const uint8_t *data, size_t length, uint8_t *out)
{
    size_t code_at = 0, at = 1;
    uint8_t code = 1;
    for (size_t i = 0; i < length; i++) {
        if (data[i] == 0) {
            out[code_at] = code;
            code_at = at++;
            code = 1;
        } else {
            out[at++] = data[i];
            code++;
        }
    }
    out[code_at] = code;
    return at;
}

/* The inverse, at most `room` bytes; 0 when the bytes are no COBS block. */
static size_t unstuff(const uint8_t *data, size_t length, uint8_t *out, size_t room)
{
    size_t at = 0, written = 0;
    while (at < length) {
        uint8_t code = data[at++];
        if (code == 0 || at + code - 1u > length || written + code > room + 1u)
            return 0;
        for (uint8_t i = 1; i < code; i++)
            out[written++] = data[at++];
        if (code != 0xFF && at < length) {
            if (written >= room)
                return 0;
            out[written++] = 0;
        }
    }
    return written;
}

size_t kampung_encode(uint8_t type, uint8_t seq, const uint8_t *payload, size_t length, uint8_t *frame)
{
    uint8_t body[KAMPUNG_MAX_PAYLOAD + 5];
    if (length > KAMPUNG_MAX_PAYLOAD)
        return 0;
    body[0] = type;
    body[1] = seq;
    body[2] = (uint8_t)length;
    if (length)
        memcpy(body + 3, payload, length);
    uint16_t crc = kampung_crc16(body, length + 3);
    body[length + 3] = (uint8_t)(crc & 0xFF);
    body[length + 4] = (uint8_t)(crc >> 8);
    frame[0] = 0;
    size_t size = stuff(body, length + 5, frame + 1);
    frame[size + 1] = 0;
    return size + 2;
}

void kampung_readings_begin(kampung_readings *readings)
{
    readings->length = 0;
}

bool kampung_readings_add(kampung_readings *readings, uint8_t channel, int32_t value)
{
    if (readings->length + 5 > KAMPUNG_MAX_PAYLOAD)
        return false;
    uint32_t bits = (uint32_t)value;
    uint8_t *at = readings->bytes + readings->length;
    at[0] = channel;
    for (int i = 0; i < 4; i++)
        at[1 + i] = (uint8_t)(bits >> (8 * i));
    readings->length += 5;
    return true;
}

void kampung_decoder_begin(kampung_decoder *decoder)
{
    decoder->length = 0;
    decoder->overlong = false;
}

bool kampung_decode(kampung_decoder *decoder, uint8_t byte, kampung_message *message)
{
    uint8_t body[KAMPUNG_MAX_PAYLOAD + 5];
    if (byte != 0) {
        if (decoder->length < KAMPUNG_MAX_BLOCK)
            decoder->block[decoder->length++] = byte;
        else
            decoder->overlong = true;
        return false;
    }
    size_t length = decoder->overlong ? 0 : unstuff(decoder->block, decoder->length, body, sizeof body);
    kampung_decoder_begin(decoder);
    if (length < 5 || body[2] != length - 5)
        return false;
    uint16_t crc = (uint16_t)(body[length - 2] | body[length - 1] << 8);
    if (crc != kampung_crc16(body, length - 2))
        return false;
    message->type = body[0];
    message->seq = body[1];
    message->length = body[2];
    memcpy(message->payload, body + 3, message->length);
    return true;
}

static uint16_t seconds_left(const kampung_outputs *outputs, uint8_t output, uint32_t now_ms)
{
    if (output >= KAMPUNG_OUTPUTS || !outputs->on[output])
        return 0;
    int32_t left = (int32_t)(outputs->off_at_ms[output] - now_ms);
    return (uint16_t)(left <= 0 ? 0 : ((uint32_t)left + 999) / 1000);
}

static uint8_t change(kampung_outputs *outputs, uint8_t output, uint8_t state, uint16_t seconds, uint32_t now_ms)
{
    if (output >= KAMPUNG_OUTPUTS || outputs->longest_s[output] == 0)
        return KAMPUNG_NO_SUCH_OUTPUT;
    if (state > 1 || (state == 1 && seconds == 0))
        return KAMPUNG_BAD_COMMAND;
    if (state == 1) {
        if (outputs->allowed != NULL && !outputs->allowed(output))
            return KAMPUNG_INTERLOCKED;
        if (seconds > outputs->longest_s[output])
            seconds = outputs->longest_s[output];
        outputs->off_at_ms[output] = now_ms + (uint32_t)seconds * 1000u;
    }
    outputs->on[output] = state == 1;
    return KAMPUNG_DONE;
}

size_t kampung_obey(kampung_outputs *outputs, const kampung_message *command, uint32_t now_ms, uint8_t *frame)
{
    uint8_t answer[5] = {0, KAMPUNG_BAD_COMMAND, 0, 0, 0};
    outputs->heard_ms = now_ms;
    if (command->type != KAMPUNG_SET_OUTPUT)
        return 0;
    if (command->length == 4) {
        uint8_t output = command->payload[0];
        uint16_t seconds = (uint16_t)(command->payload[2] | command->payload[3] << 8);
        answer[0] = output;
        answer[1] = change(outputs, output, command->payload[1], seconds, now_ms);
        answer[2] = output < KAMPUNG_OUTPUTS && outputs->on[output];
        uint16_t left = seconds_left(outputs, output, now_ms);
        answer[3] = (uint8_t)(left & 0xFF);
        answer[4] = (uint8_t)(left >> 8);
    }
    return kampung_encode(KAMPUNG_OUTPUT_DONE, command->seq, answer, sizeof answer, frame);
}

bool kampung_expire(kampung_outputs *outputs, uint32_t now_ms)
{
    bool changed = false;
    bool silent = outputs->silent_s != 0 && now_ms - outputs->heard_ms >= (uint32_t)outputs->silent_s * 1000u;
    for (uint8_t output = 0; output < KAMPUNG_OUTPUTS; output++) {
        if (outputs->on[output] && (silent || (int32_t)(outputs->off_at_ms[output] - now_ms) <= 0)) {
            outputs->on[output] = false;
            changed = true;
        }
    }
    return changed;
}

bool kampung_pulse(kampung_pulses *pulses, uint32_t now_ms)
{
    bool counts = !pulses->any || now_ms - pulses->last_ms >= pulses->debounce_ms;
    pulses->any = true;
    pulses->last_ms = now_ms;
    if (counts)
        pulses->count++;
    return counts;
}
