"""What people do about alarms: acknowledged, assigned, commented on, marked false; each step in a trail that is only added to."""
