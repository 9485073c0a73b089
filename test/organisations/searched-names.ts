/** Registered names, with searches that must and must not find them. */
type Searched = { script: string; name: string; found: string[]; missed: string[] }

export const searchedNames: readonly Searched[] = [
  {
    script: 'Latin',
    name: 'Confédération générale du travail, Union départementale de Toulouse (CGT)',
    found: ['CGT Toulouse', 'toulouse cgt', 'confederation generale', 'CONFE\u0301DE\u0301RATION'],
    missed: ['CGT Marseille', 'FO Toulouse'],
  },
  {
    script: 'Latin',
    name: 'Łódzki Związek Włókniarzy „Nadzieja”',
    found: ['lodzki zwiazek', 'Wlokniarzy', 'Nadzieja'],
    missed: ['Krakowski'],
  },
  {
    script: 'Latin',
    name: 'İstanbul Işçi Sendikası',
    found: ['istanbul', 'ISTANBUL ISCI'],
    missed: ['ankara'],
  },
  {
    script: 'Latin',
    name: 'Công đoàn Việt Nam',
    found: ['cong doan viet', 'Viê\u0323t Nam'],
    missed: ['Lào'],
  },
  {
    script: 'Cyrillic',
    name: 'Свободный профсоюз Белорусский й',
    found: ['белорусскии\u0306', 'СВОБОДНЫЙ', 'профсоюз свободный'],
    missed: ['горняков'],
  },
  {
    script: 'Cyrillic',
    name: 'Незалежна профспілка гірників Кривої Ї',
    found: ['криво\u0456\u0308', 'гірників', 'КРИВОЇ'],
    missed: ['залізничників'],
  },
  { script: 'Cyrillic', name: 'Рабочы саюз Ўсход', found: ['у\u0306сход', 'саюз рабочы'], missed: ['захад'] },
  {
    script: 'Greek',
    name: 'Πανεργατικό Αγωνιστικό Μέτωπο Εργάτης',
    found: ['ΠΑΝΕΡΓΑΤΙΚΟ', 'ΕΡΓΑΤΗΣ'],
    missed: ['ΝΑΥΤΕΣ'],
  },
  {
    script: 'Arabic',
    name: 'الاتحاد العام لعمّال الكهرباء ٢٠١١',
    found: ['الاتّحاد', 'لعمال الکهرباء', '۲۰۱۱', '2011'],
    missed: ['المعلمين', '2012'],
  },
  {
    script: 'Arabic',
    name: 'نقابة المسئولين أيّوب الأولى',
    found: ['المسيولين', 'ایوب', 'الاولي', 'نـقـابـه'],
    missed: ['البحارة'],
  },
  {
    script: 'Arabic',
    name: 'اتحادیه\u200cهای کارگران ایران',
    found: ['اتحادیههای', 'اتحاديه هاي', 'كارگران'],
    missed: ['معلمان'],
  },
  { script: 'Hebrew', name: 'הִסְתַּדְּרוּת העובדים', found: ['הסתדרות', 'העובדים'], missed: ['המורים'] },
  {
    script: 'Han',
    name: '中华全国总工会',
    found: ['总工会', '工会', '全国'],
    missed: ['总商会', '教师'],
  },
  {
    script: 'Kana',
    name: '日本労働組合総連合会',
    found: ['総連合', '労働組合', '連合', '会'],
    missed: ['総評', '連盟'],
  },
  {
    script: 'Kana',
    name: 'プレカリアートユニオン',
    found: ['ユニオン', 'ﾕﾆｵﾝ', 'フ\u309aレカリ'],
    missed: ['ガソリン'],
  },
  {
    script: 'Hangul',
    name: '전국민주노동조합총연맹',
    found: ['노동조합', '총연맹', '민주', '총연맹'.normalize('NFD')],
    missed: ['한국', '교직원'],
  },
  { script: 'Thai', name: 'สหภาพแรงงานการรถไฟ ๒๕๔๐', found: ['แรงงาน', 'รถไฟ', '2540'], missed: ['ธนาคาร'] },
  {
    script: 'Devanagari',
    name: 'अखिल भारतीय मज़दूर संघ १९४७',
    found: ['मज़दूर संघ', 'मज\u093cदूर', '1947'],
    missed: ['किसान'],
  },
  { script: 'Bengali', name: 'গার্মেন্টস শ্রমিক ইউনিয়ন', found: ['শ্রমিক', 'ইউনিয\u09bcন'], missed: ['কৃষক'] },
  { script: 'Tamil', name: 'தொழிலாளர் சங்கம்', found: ['சங்கம்', 'தொழிலாளர்'], missed: ['ஆசிரியர்'] },
  { script: 'Georgian', name: 'პროფესიული კავშირი', found: ['კავშირი', 'ᲙᲐᲕᲨᲘᲠᲘ'], missed: ['მეტალი'] },
  {
    script: 'Armenian',
    name: 'Արհեստակցական միություն',
    found: ['ՄԻՈՒԹՅՈՒՆ', 'Արհեստակցական'],
    missed: ['Ուսուցիչ'],
  },
  { script: 'Ethiopic', name: 'የሠራተኛ ማህበራት', found: ['የሠራተኛ', 'ማህበራት'], missed: ['መምህራን'] },
]
