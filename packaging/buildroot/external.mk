include $(sort $(wildcard $(BR2_EXTERNAL_LOOPBOX_PATH)/package/*/*.mk))
