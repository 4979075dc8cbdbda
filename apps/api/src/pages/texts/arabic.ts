import { isolate } from './bidi-isolation.js';
import type { Texts } from './texts.js';

/** Latin digits, as in the URLs around them and in the e-mails. */
const dates = new Intl.DateTimeFormat('ar-u-nu-latn', { dateStyle: 'long', timeZone: 'UTC' });

const NO_LONGER_OPEN = 'لم تعد هذه الدعوة متاحة.';

const connected = (name: string | undefined) =>
  name === undefined ? 'تم التواصل بينكما' : `تم التواصل بينك وبين ${isolate(name)}`;

/** Uses nouns in place of verbs where Arabic would otherwise have to know the gender of a person. */
export const ARABIC: Texts = {
  lang: 'ar',
  dir: 'rtl',
  languageName: 'العربية',
  languages: 'اللغة',
  date: (at) => dates.format(at),
  skipToContent: 'الانتقال إلى المحتوى',
  pages: 'الدعوات',

  inbox: 'الوارد',
  inboxTitle: 'دعوات في انتظار ردك',
  inboxIsEmpty: 'لا توجد دعوات في انتظار ردك.',
  archive: 'الأرشيف',
  archiveTitle: 'دعوات قمت بتجاهلها',
  archiveIsEmpty: 'لا توجد دعوات متاحة قمت بتجاهلها.',
  sentList: 'المرسلة',
  sentTitle: 'دعوات قمت بإرسالها',
  sentIsEmpty: 'لم ترسل أي دعوة.',
  older: 'دعوات أقدم',
  newest: 'أحدث الدعوات',
  toInbox: 'الانتقال إلى صندوق الوارد',

  sentOn: 'تاريخ الإرسال:',
  profileOf: (name) => `الملف الشخصي: ${isolate(name)}`,
  accept: 'قبول',
  acceptFrom: (name) => `قبول الدعوة من ${isolate(name)}`,
  ignore: 'تجاهل',
  ignoreFrom: (name) => `تجاهل الدعوة من ${isolate(name)}`,
  reply: 'رد',
  replyTo: (name) => `رد على ${isolate(name)}`,
  replyText: 'نص الرسالة',
  replyHint: 'الرد ليس قبولًا، والقبول ممكن بعده. الحد الأقصى 2000 حرف.',
  sendReply: 'إرسال الرد',
  haveReplied: 'تم إرسال ردك، ولا يزال القبول ممكنًا.',
  dontKnow: (name) => `لا أعرف ${isolate(name)}`,
  dontKnowAdvice:
    'ننصح بهذا الخيار فقط إن كنت حقًا لا تعرف صاحب الدعوة، إذ لن يكون بإمكانه دعوتك مجددًا. ولن يتم إخباره بذلك.',
  dontKnowConfirm: (name) => `نعم، لا أعرف ${isolate(name)}`,

  status: {
    pending: 'لا رد بعد',
    replied: 'وصل رد',
    accepted: 'مقبولة',
    withdrawn: 'مسحوبة',
  },
  replyFrom: (name) => `رد ${isolate(name)}:`,
  withdraw: 'سحب',
  withdrawFrom: (name) => `سحب الدعوة الموجهة إلى ${isolate(name)}`,
  withdrawText: 'لن يتم إخبار أحد. وستحتاج دعوة هذا العضو مجددًا إلى عنوان بريده الإلكتروني.',
  withdrawConfirm: (name) => `نعم، سحب الدعوة الموجهة إلى ${isolate(name)}`,
  followUp: 'دعوة جديدة',
  followUpWith: (name) => `دعوة جديدة إلى ${isolate(name)}`,
  followUpText: 'تحل الدعوة الجديدة محل أي دعوة مفتوحة.',
  followUpMessage: 'رسالة (اختيارية)',
  followUpHint: 'الحد الأقصى 300 حرف.',
  followUpEmail: 'عنوان البريد الإلكتروني للعضو',
  followUpEmailHint: 'هذا العنوان مطلوب لأنك سحبت دعوة إلى هذا العضو.',
  sendFollowUp: 'إرسال الدعوة',
  cancel: 'إلغاء',

  done: {
    accepted: connected,
    replied: (name) => (name === undefined ? 'تم إرسال ردك' : `تم إرسال ردك إلى ${isolate(name)}`),
    ignored: (name) =>
      name === undefined ? 'الدعوة الآن في الأرشيف' : `الدعوة من ${isolate(name)} الآن في الأرشيف`,
    declined: (name) => (name === undefined ? 'تمت إزالة الدعوة' : `تمت إزالة الدعوة من ${isolate(name)}`),
    withdrawn: (name) =>
      name === undefined ? 'تم سحب الدعوة' : `تم سحب الدعوة الموجهة إلى ${isolate(name)}`,
    'followed-up': (name) =>
      name === undefined ? 'تم إرسال الدعوة' : `تم إرسال الدعوة إلى ${isolate(name)}`,
    saved: () => 'تم حفظ اختيارك',
  },
  refused: {
    INVALID_COMMAND: 'هناك ما يحتاج إلى تصحيح. يرجى المراجعة والمحاولة مرة أخرى.',
    LIMIT_REACHED: 'تم إرسال كل الدعوات التي يتيحها حسابك.',
    ACCOUNT_RESTRICTED: 'لا يمكن لحسابك إرسال دعوات في الوقت الحالي. لدى فريق الدعم مزيد من المعلومات.',
    ALREADY_CONNECTED: 'التواصل بينكما قائم بالفعل.',
    EMAIL_REQUIRED: 'يرجى إدخال عنوان البريد الإلكتروني لهذا العضو كما هو مسجل في الشبكة.',
    RECIPIENT_UNAVAILABLE: 'لا يمكن دعوة هذا العضو.',
    NOT_FOUND: NO_LONGER_OPEN,
    NOT_YOURS: NO_LONGER_OPEN,
    NOT_OPEN: NO_LONGER_OPEN,
    ALREADY_ANSWERED: 'تم الرد على هذه الدعوة من قبل.',
    NOT_IGNORED: 'هذا الخيار متاح فقط للدعوات التي قمت بتجاهلها.',
    TOO_SOON: 'لم يمض وقت طويل على دعوتك السابقة إلى هذا العضو. يرجى المحاولة لاحقًا.',
  },
  replyNeeded: 'يرجى كتابة رسالة من حرف واحد إلى 2000 حرف.',
  charactersLeft: 'الأحرف المتبقية:',
  tryAgain: 'لم يصلنا طلبك. لم تفقد شيئًا: يرجى المحاولة مرة أخرى بعد دقيقة.',

  wantsToConnect: (name) => `دعوة للتواصل من ${isolate(name)}`,
  connected,
  notOpen: 'لم يعد هذا متاحًا',
  notOpenText:
    'هذا الرابط غير صالح أو لم يعد صالحًا. إن سبق لك الرد فلا حاجة إلى شيء آخر. وما ينتظر ردك تجده في صندوق الوارد.',
  underWay: 'ردك في الطريق',
  underWayText: 'يستغرق الأمر وقتًا أطول من المعتاد. لا حاجة إلى الرد مرة أخرى.',
  lookAgain: 'معرفة النتيجة',

  preferencesPage: 'الرسائل',
  preferences: 'رسائل البريد الإلكتروني عن الدعوات',
  preference: {
    all: 'استلام رسائل البريد الإلكتروني عن الدعوات',
    invitations: 'عند وصول دعوة إليّ',
    reminders: 'تذكير بالدعوات التي تنتظر ردي',
    acceptances: 'عند قبول دعوتي',
    replies: 'عند الرد على دعوتي',
  },
  save: 'حفظ',
  unsubscribe: 'هل تفضل رسائل أقل؟',
  unsubscribeText: 'لن نرسل إليك بعد الآن رسائل مثل التي أوصلتك إلى هنا.',
  stop: 'إيقاف هذه الرسائل',
  stopped: 'لن تصلك هذه الرسائل بعد الآن',

  signIn: 'يرجى تسجيل الدخول',
  signInText: 'عرض هذه الصفحة يتطلب تسجيل الدخول.',
  toSignIn: 'الانتقال إلى تسجيل الدخول',
  otherAccount: 'تسجيل الدخول بحساب آخر',
  notFound: 'لا توجد صفحة بهذا العنوان',
  laterText: 'هناك خلل في الوقت الحالي. يرجى المحاولة مرة أخرى بعد دقيقة.',
  tooManyText: 'وصلتنا طلبات كثيرة في وقت قصير. يرجى المحاولة مرة أخرى بعد دقيقة.',
  failed: 'لم ينجح ذلك',
  failedText: 'يرجى العودة والمحاولة مرة أخرى.',
};
