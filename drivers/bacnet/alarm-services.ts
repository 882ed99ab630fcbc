/** Service choices of alarms, lists, logs and time (ANSI/ASHRAE 135 clause 21, BACnetConfirmedServiceChoice and …Unconfirmed…). */
export const AlarmService = { acknowledgeAlarm: 0, confirmedEventNotification: 2, addListElement: 8, removeListElement: 9, readRange: 26, getEventInformation: 29 } as const;
export const NoticeService = { unconfirmedEventNotification: 3, timeSynchronization: 6, utcTimeSynchronization: 9 } as const;

/** Error codes of these services (clause 18). */
export const AlarmError = { serviceRequestDenied: 29, invalidTimeStamp: 14, invalidEventState: 73, unknownProperty: 32, listElementNotFound: 81 } as const;
export const SERVICES_CLASS = 5;
