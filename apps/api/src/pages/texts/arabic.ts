import { isolate } from './bidi-isolation.js';
import { createPhrases } from './phrases.js';
import type { Texts } from './texts.js';

const { date, ago, count, plural } = createPhrases('ar', 'ar');

const RESTRICTED = 'لا يمكن إرسال دعوات من حسابك في الوقت الحالي.';

const NO_LONGER_OPEN = 'لم تعد هذه الدعوة مفتوحة.';

const connected = (name: string | undefined) =>
  name === undefined ? 'أنتما الآن على تواصل' : `أصبحت على تواصل مع ${isolate(name)}`;

/**
 * Uses nouns and passives in place of verbs where Arabic would otherwise have to know the gender of a person. Second
 * persons of the past are written alike for everybody.
 */
export const ARABIC: Texts = {
  lang: 'ar',
  dir: 'rtl',
  languageName: 'العربية',
  languages: 'اللغة',
  date,
  ago,
  count,
  skipToContent: 'الانتقال إلى المحتوى',
  pages: 'الدعوات',
  signOut: 'تسجيل الخروج',
  signedOut: 'تم تسجيل الخروج',
  signedOutText: 'عرض الدعوات يتطلب تسجيل الدخول من جديد.',

  inbox: 'الوارد',
  inboxTitle: 'دعوات في انتظار ردك',
  inboxIsEmpty: 'لا توجد دعوات في انتظار ردك. تظهر الدعوات الجديدة هنا.',
  archive: 'الأرشيف',
  archiveTitle: 'الدعوات التي تجاهلتها',
  archiveIsEmpty: 'الأرشيف فارغ. تُحفظ هنا الدعوات التي يتم تجاهلها دون إخطار أحد.',
  sentList: 'المرسلة',
  sentTitle: 'الدعوات التي أرسلتها',
  sentIsEmpty: 'لا توجد دعوات مرسلة بعد.',
  connections: 'جهات الاتصال',
  connectionsTitle: 'جهات الاتصال لديك',
  connectionsIsEmpty: 'لا توجد جهات اتصال بعد. تظهر هنا عند قبول دعوة.',
  connectedSince: 'بدء التواصل:',
  isConnected: 'أنتما على تواصل.',
  older: 'الأقدم',
  newest: 'الأحدث',
  showAll: 'عرض الكل',
  search: 'بحث',
  searchLabel: 'بحث بالاسم أو نص الرسالة',
  nothingFound: 'لا توجد نتائج.',
  toInbox: 'الانتقال إلى صندوق الوارد',
  toArchive: 'الانتقال إلى الأرشيف',
  toSent: 'الانتقال إلى الدعوات المرسلة',
  waiting: (waiting) =>
    plural(waiting, {
      zero: 'لا توجد دعوات في الانتظار',
      one: 'دعوة واحدة في الانتظار',
      two: 'دعوتان في الانتظار',
      few: '# دعوات في الانتظار',
      other: '# دعوة في الانتظار',
    }),
  newInvitations: (fresh) =>
    plural(fresh, {
      one: 'دعوة جديدة واحدة',
      two: 'دعوتان جديدتان',
      few: '# دعوات جديدة',
      other: '# دعوة جديدة',
    }),
  show: 'عرض',

  received: 'وصلت:',
  sentOn: 'أُرسلت:',
  followedUpOn: 'تمت متابعتها:',
  profileOf: (name) => `عرض الملف الشخصي: ${isolate(name)}`,
  inCommon: (shared) =>
    plural(shared, {
      one: 'جهة اتصال مشتركة واحدة',
      two: 'جهتا اتصال مشتركتان',
      few: '# جهات اتصال مشتركة',
      other: '# جهة اتصال مشتركة',
    }),
  accept: 'قبول',
  acceptFrom: (name) => `قبول الدعوة من ${isolate(name)}`,
  restore: 'إعادة إلى صندوق الوارد',
  restoreFrom: (name) => `إعادة إلى صندوق الوارد: الدعوة من ${isolate(name)}`,
  undoIgnoring: (name) => `تراجع عن تجاهل الدعوة من ${isolate(name)}`,
  undo: 'تراجع',
  ignore: 'تجاهل',
  ignoreFrom: (name) => `تجاهل الدعوة من ${isolate(name)}`,
  ignoreText: (name) =>
    `تُحفظ الدعوات التي يتم تجاهلها في الأرشيف، ويبقى الرد عليها ممكنًا هناك. ولن يصل إلى ${isolate(name)} أي إشعار بذلك.`,
  reply: 'رد',
  replyTo: (name) => `رد على ${isolate(name)}`,
  replyText: 'نص الرسالة',
  replyHint: 'الرد ليس قبولًا للدعوة، والقبول ممكن بعده. الحد الأقصى 2000 حرف.',
  sendReply: 'إرسال الرد',
  haveReplied: 'تم إرسال ردك، ولا يزال القبول ممكنًا.',
  dontKnow: (name) => `لا أعرف ${isolate(name)}`,
  dontKnowAdvice:
    'يُنصح بهذا الخيار فقط عند عدم معرفة مرسل الدعوة على الإطلاق. لن تصلك دعوات أخرى من هذا الحساب، وقد يُحتسب ذلك عليه، ولن يُخطَر صاحبه.',
  dontKnowConfirm: (name) => `نعم، لا أعرف ${isolate(name)}`,

  status: {
    pending: 'بانتظار الرد',
    replied: 'وصل رد',
    accepted: 'مقبولة',
    withdrawn: 'مسحوبة',
    expired: 'منتهية',
    superseded: 'تمت متابعتها',
  },
  earlier: (invitations) =>
    plural(invitations, {
      one: 'دعوة سابقة واحدة',
      two: 'دعوتان سابقتان',
      few: '# دعوات سابقة',
      other: '# دعوة سابقة',
    }),
  replyFrom: (name) => `رد ${isolate(name)}:`,
  withdraw: 'سحب',
  withdrawFrom: (name) => `سحب الدعوة الموجهة إلى ${isolate(name)}`,
  withdrawText: () =>
    'لن يُخطَر أحد. لدعوة هذا العضو مجددًا سيلزمك عنوان بريده الإلكتروني، وتبقى هذه الدعوة محسوبة ضمن الدعوات المرسلة.',
  withdrawConfirm: (name) => `نعم، سحب الدعوة الموجهة إلى ${isolate(name)}`,
  followUp: 'متابعة الدعوة',
  followUpWith: (name) => `متابعة الدعوة إلى ${isolate(name)}`,
  hasInvited: (name) => `تم إرسال دعوتك إلى ${isolate(name)}`,
  invite: 'دعوة',
  inviteMember: (name) => `دعوة ${isolate(name)} إلى التواصل`,
  inviteAgain: 'دعوة مجددًا',
  inviteAgainTo: (name) => `دعوة مجددًا: ${isolate(name)}`,
  followUpText: 'تحل هذه الدعوة محل دعوتك السابقة إن كانت لا تزال مفتوحة.',
  followUpMessage: 'رسالة (اختيارية)',
  followUpHint: 'الحد الأقصى 300 حرف.',
  followUpEmail: 'عنوان البريد الإلكتروني للعضو',
  followUpEmailHint: 'سبق سحب دعوة إلى هذا العضو، لذلك يلزم عنوان بريده الإلكتروني.',
  sendFollowUp: 'إرسال الدعوة',
  cancel: 'إلغاء',

  done: {
    accepted: connected,
    replied: (name) => (name === undefined ? 'تم إرسال ردك' : `تم إرسال ردك إلى ${isolate(name)}`),
    ignored: (name) =>
      name === undefined
        ? 'الدعوة الآن في الأرشيف. لن يُخطَر أحد.'
        : `الدعوة من ${isolate(name)} الآن في الأرشيف. لن يُخطَر أحد.`,
    restored: (name) =>
      name === undefined
        ? 'الدعوة الآن في صندوق الوارد. لن يُخطَر أحد.'
        : `الدعوة من ${isolate(name)} الآن في صندوق الوارد. لن يُخطَر أحد.`,
    declined: (name) =>
      name === undefined ? 'تمت إزالة الدعوة' : `تمت إزالة الدعوة. لن تصلك دعوات أخرى من ${isolate(name)}.`,
    withdrawn: (name) =>
      name === undefined ? 'تم سحب الدعوة' : `تم سحب الدعوة الموجهة إلى ${isolate(name)}`,
    'followed-up': (name) =>
      name === undefined ? 'تم إرسال الدعوة' : `تم إرسال الدعوة إلى ${isolate(name)}`,
    saved: () => 'تم حفظ الإعدادات',
  },
  refused: {
    INVALID_COMMAND: 'هناك ما يحتاج إلى تصحيح. يرجى المراجعة والمحاولة مرة أخرى.',
    LIMIT_REACHED: 'استنفدت الدعوات المتاحة لحسابك.',
    ACCOUNT_RESTRICTED: `${RESTRICTED} يرجى التواصل مع فريق الدعم.`,
    ALREADY_CONNECTED: 'أنتما على تواصل بالفعل.',
    EMAIL_REQUIRED:
      'يلزم إدخال العنوان المسجل لهذا العضو في الشبكة. إن سبق إدخال عنوان، فهو ليس العنوان المسجل.',
    RECIPIENT_UNAVAILABLE: 'لا يمكن دعوة هذا العضو.',
    NOT_FOUND: NO_LONGER_OPEN,
    NOT_YOURS: NO_LONGER_OPEN,
    NOT_OPEN: NO_LONGER_OPEN,
    ALREADY_ANSWERED: 'سبق الرد على هذه الدعوة.',
    NOT_IGNORED: 'يلزم تجاهل الدعوة أولًا.',
    TOO_SOON: 'لم يمض وقت طويل على دعوتك السابقة إلى هذا العضو. يرجى المحاولة لاحقًا.',
  },
  notSent: 'لم يتم إرسال رسالتك:',
  replyNeeded: 'يلزم كتابة رسالة أولًا.',
  tooLong: (limit, over) => `يلزم اختصار الرسالة إلى ${limit} حرف. الأحرف الزائدة على الحد: ${over}`,
  charactersLeft: 'الأحرف المتبقية: #',
  charactersOver: 'الأحرف الزائدة على الحد: #',
  tryAgain: 'تعذّر الاتصال بالخادم. لم يُفقد أي شيء؛ يرجى المحاولة مرة أخرى بعد دقيقة.',
  restricted: RESTRICTED,
  support: 'التواصل مع فريق الدعم',

  wantsToConnect: (name) => `دعوة للتواصل من ${isolate(name)}`,
  connected,
  otherAnswers: 'أو بعد تسجيل الدخول:',
  notOpen: 'لم يعد هذا الرابط صالحًا',
  notOpenText:
    'ربما سبق استخدام هذا الرابط أو انتهت صلاحيته. إن سبق لك الرد فلا حاجة إلى شيء آخر. الدعوات المفتوحة موجودة في صندوق الوارد.',
  underWay: 'يستغرق الأمر وقتًا أطول من المعتاد',
  underWayText: 'ما زال طلبك قيد التنفيذ، ولا حاجة إلى تكراره.',
  lookAgain: 'التحقق مجددًا',
  linkOf: (name, address) =>
    address === undefined ? `الحساب: ${isolate(name)}` : `الحساب: ${isolate(name)} (${isolate(address)})`,

  preferencesPage: 'إعدادات البريد',
  preferences: 'إشعارات الدعوات بالبريد الإلكتروني',
  preference: {
    all: 'استلام رسائل البريد الإلكتروني عن الدعوات',
    invitations: 'عند وصول دعوة إليّ',
    reminders: 'تذكير بالدعوات التي لم أرد عليها',
    acceptances: 'عند قبول دعوتي',
    replies: 'عند الرد على دعوتي',
  },
  kindsOfEmail: 'أنواع الرسائل',
  save: 'حفظ',
  unsubscribe: {
    all: 'إيقاف جميع رسائل الدعوات؟',
    invitations: 'إيقاف رسائل «الدعوات الجديدة»؟',
    reminders: 'إيقاف رسائل «التذكير بالدعوات»؟',
    acceptances: 'إيقاف رسائل «قبول الدعوات»؟',
    replies: 'إيقاف رسائل «الردود على دعواتك»؟',
  },
  unsubscribeText: 'تبقى الدعوات ظاهرة في صندوق الوارد على الموقع.',
  stop: 'إيقاف هذه الرسائل',
  stopped: {
    all: 'لن تصلك رسائل عن الدعوات بعد الآن',
    invitations: 'لن تصلك رسائل عن الدعوات الجديدة بعد الآن',
    reminders: 'لن تصلك رسائل تذكير بالدعوات بعد الآن',
    acceptances: 'لن تصلك رسائل عن قبول دعواتك بعد الآن',
    replies: 'لن تصلك رسائل عن الردود على دعواتك بعد الآن',
  },
  resume: 'تراجع: استئناف هذه الرسائل',
  resumed: 'تم استئناف هذه الرسائل',
  otherPreferences: 'جميع إعدادات البريد',

  signIn: 'يرجى تسجيل الدخول',
  signInText: 'عرض هذه الصفحة يتطلب تسجيل الدخول.',
  toSignIn: 'الانتقال إلى تسجيل الدخول',
  otherAccount: 'تبديل الحساب',
  notFound: 'لا توجد صفحة بهذا العنوان',
  notFoundText: 'ربما نُقلت الصفحة، أو أنها غير متاحة لحسابك.',
  laterText: 'حدث خلل مؤقت. يرجى المحاولة مرة أخرى بعد دقيقة.',
  tooManyText: 'وصلتنا طلبات كثيرة في وقت قصير. يرجى المحاولة مرة أخرى بعد دقيقة.',
  failed: 'تعذّر تنفيذ الطلب',
  failedText: 'يرجى العودة إلى صندوق الوارد والمحاولة مرة أخرى.',
};
