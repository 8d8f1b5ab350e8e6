"""MQTT → decode → batch → commit → receipt → acknowledge. Nothing here is kept between messages that could not be lost."""
