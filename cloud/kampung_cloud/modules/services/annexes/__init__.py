"""The forms that go with a letter or an application (F-1.xx, F-2.xx): as data, filled from the request, set for paper."""
