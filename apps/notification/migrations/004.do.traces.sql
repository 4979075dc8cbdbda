-- The step that queued the delivery, as W3C Trace Context writes it: where traces are kept, its sending is the next one.
ALTER TABLE notification.deliveries ADD COLUMN traceparent text;
