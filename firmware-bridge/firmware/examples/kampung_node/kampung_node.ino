/* A village node on an ESP32 or Arduino: soil moisture, rain by pulse, and a valve that closes by itself.
 * Copy kampung_link.h and kampung_link.c beside this file. The kiosk's profile is kampung-node (channel 6: rain-pulse).
 */
#include "kampung_link.h"

const int SOIL_PIN = 34, RAIN_PIN = 27, VALVE_PIN = 26;
const uint32_t EVERY_MS = 10000;

static kampung_decoder decoder;
static kampung_message message;
static kampung_outputs outputs;
static volatile uint32_t tips = 0;
static kampung_pulses pulses = {0, 0, 75, false};
static uint8_t seq = 0;
static uint32_t sent_ms = 0;

#if defined(ESP32)
void IRAM_ATTR on_tip() {
#else
void on_tip() {
#endif
  if (kampung_pulse(&pulses, millis())) tips = pulses.count;
}

static bool valve_allowed(uint8_t output) {
  (void)output;
  return analogRead(SOIL_PIN) > 50;  // a probe that reads nothing is broken: then the valve stays shut
}

static void send(uint8_t type, const uint8_t *payload, size_t length) {
  uint8_t frame[KAMPUNG_MAX_FRAME];
  Serial.write(frame, kampung_encode(type, seq++, payload, length, frame));
}

void setup() {
  Serial.begin(115200);
  pinMode(VALVE_PIN, OUTPUT);
  digitalWrite(VALVE_PIN, LOW);
  pinMode(RAIN_PIN, INPUT_PULLUP);
  attachInterrupt(digitalPinToInterrupt(RAIN_PIN), on_tip, FALLING);
  kampung_decoder_begin(&decoder);
  outputs.longest_s[0] = 1800;  // half an hour, whatever the kiosk says
  outputs.silent_s = 60;        // six beats of the kiosk missed: it is dead, or the cable is
  outputs.allowed = valve_allowed;
  const uint8_t hello[] = {1, 'n', 'o', 'd', 'e'};
  send(KAMPUNG_HELLO, hello, sizeof hello);
}

void loop() {
  uint8_t frame[KAMPUNG_MAX_FRAME];
  while (Serial.available() > 0) {
    if (kampung_decode(&decoder, (uint8_t)Serial.read(), &message)) {
      size_t size = kampung_obey(&outputs, &message, millis(), frame);
      digitalWrite(VALVE_PIN, outputs.on[0] ? HIGH : LOW);
      if (size > 0) Serial.write(frame, size);
    }
  }
  if (kampung_expire(&outputs, millis())) {
    digitalWrite(VALVE_PIN, LOW);
    Serial.println("valve closed by itself");  // text between frames is allowed
  }
  if (millis() - sent_ms >= EVERY_MS) {
    sent_ms = millis();
    kampung_readings readings;
    kampung_readings_begin(&readings);
    kampung_readings_add(&readings, 1, (int32_t)analogRead(SOIL_PIN) * 10000 / 4095);  // hundredths of a per cent: calibrate at the kiosk
    kampung_readings_add(&readings, 6, (int32_t)tips);
    send(KAMPUNG_READINGS, readings.bytes, readings.length);
  }
}
