/** Everything that the page says, in both languages. */

export type Language = 'ru' | 'en';

const ru = {
  skip: 'К комментарию',
  tagline: 'токсичность русских комментариев',
  links: 'Ссылки',
  language: 'Язык',
  sections: 'Разделы',
  tabComment: 'Комментарий',
  tabBatch: 'Список',
  tabModel: 'Модель',
  key: 'Ключ API',
  keySave: 'Использовать',
  keyNote: 'Сервер спрашивает ключ. Он остаётся в этой вкладке и забывается, когда её закрывают.',
  keyWrong: 'Сервер не знает этого ключа.',
  commentLabel: 'Комментарий',
  commentPlaceholder: 'Напишите или вставьте комментарий',
  examples: 'Примеры',
  characters: 'Знаков: {n}',
  verdictTitle: 'Вердикт',
  waiting: 'Оценка появится, как только будет текст',
  toxic: 'токсично',
  harmless: 'не токсично',
  at: 'при пороге {threshold}',
  live: 'Оценка {score}, {verdict}',
  timing: 'Ответ за {ms} мс',
  policiesTitle: 'По политикам',
  premoderate: 'Премодерация',
  premoderateNote: 'Отмеченное смотрит человек: важнее не пропустить.',
  balanced: 'Баланс',
  balancedNote: 'Лучшее соотношение того и другого.',
  autoban: 'Автобан',
  autobanNote: 'Никто не смотрит: отмечать только наверняка.',
  threshold: 'Порог',
  precision: 'точность',
  recall: 'полнота',
  curveLabel:
    'Точность и полнота в зависимости от порога. При пороге {threshold}: точность {precision}, полнота {recall}.',
  curvePoints: 'Точность и полнота трёх политик: {points}.',
  onCurve: 'Из отмеченного токсичны {precision}, из токсичного отмечены {recall}.',
  noCurve: 'У этой модели измерены только пороги политик.',
  whyTitle: 'Что на это указывает',
  whyEmpty: 'Слова, из-за которых такая оценка, будут выделены здесь.',
  whyNote: 'Чем гуще, тем больше вклад: {words}.',
  whyNone: 'Ничто в тексте не указывает на токсичность.',
  curlTitle: 'То же через curl',
  copy: 'Скопировать',
  copied: 'Скопировано',
  copyByHand: 'Выделено: скопируйте клавишами',
  linesLabel: 'Комментарии, по одному в строке',
  linesPlaceholder: 'Каждая строка — отдельный комментарий',
  fileTitle: 'Или файл',
  fileLabel: 'Выбрать файл',
  dropHere: 'Перетащите сюда CSV или текстовый файл',
  column: 'Столбец с комментарием',
  columnNumber: 'столбец {n}',
  fileSaid: '{name}: строк {rows}',
  batchStart: 'Оценить',
  cancel: 'Остановить',
  save: 'Скачать CSV',
  batchThreshold: 'Порог {threshold}, как на вкладке «Комментарий»',
  progress: 'Ход работы',
  batchRunning: '{done} из {all}',
  batchWaiting: '{done} из {all}, сервер просит подождать {s} с',
  batchDone: 'Готово: {all}, из них токсичных {toxic} ({share})',
  batchStopped: 'Остановлено: {done} из {all}, из них токсичных {toxic}',
  batchUnscored: 'без оценки: {n} (пустые или длиннее {max} знаков)',
  batchEmpty: 'Вставьте строки или выберите файл.',
  results: 'Результаты',
  scoreColumn: 'Оценка',
  firstRows: 'Показаны первые {n}; в файле будут все.',
  unscored: 'без оценки',
  modelVersion: 'Версия',
  modelCreated: 'Обучена',
  modelServed: 'Отвечает',
  modelData: 'Данные',
  modelDataRows: '{name}: {total} строк, {test} отложено для проверки',
  modelQuality: 'Качество на отложенных комментариях',
  modelMeasure: 'Показатель',
  modelPolicies: 'Политики',
  modelPolicy: 'Политика',
  modelFiles: 'Файлы',
  modelFile: 'Файл',
  modelBytes: 'Байт',
  modelPlots: 'Графики',
  plot_roc_pr: 'ROC и точность против полноты',
  plot_confusion: 'Матрицы ошибок',
  plot_thresholds: 'Чего стоит порог',
  plot_calibration: 'Калибровка: сколько из оценённых на столько-то токсичны',
  privacy: 'Текст уходит только на этот сервер, в журнал и метрики он не попадает.',
  noServer: 'Сервер не отвечает.',
  tooLong: 'Текст длиннее {max} знаков; сервер столько не принимает.',
  waitSeconds: 'Сервер просит подождать {s} с.',
};

export type Word = keyof typeof ru;

const en: Record<Word, string> = {
  skip: 'To the comment',
  tagline: 'toxicity of Russian comments',
  links: 'Links',
  language: 'Language',
  sections: 'Sections',
  tabComment: 'Comment',
  tabBatch: 'Batch',
  tabModel: 'Model',
  key: 'API key',
  keySave: 'Use it',
  keyNote: 'The server asks for a key. It stays in this tab and is forgotten when the tab is closed.',
  keyWrong: 'The server does not know this key.',
  commentLabel: 'Comment',
  commentPlaceholder: 'Type or paste a comment in Russian',
  examples: 'Examples',
  characters: 'Characters: {n}',
  verdictTitle: 'Verdict',
  waiting: 'The score will be here as soon as there is a text',
  toxic: 'toxic',
  harmless: 'not toxic',
  at: 'at threshold {threshold}',
  live: 'Score {score}, {verdict}',
  timing: 'Answered in {ms} ms',
  policiesTitle: 'By policy',
  premoderate: 'Premoderate',
  premoderateNote: 'A person looks at what is flagged: miss little.',
  balanced: 'Balanced',
  balancedNote: 'The best of both.',
  autoban: 'Autoban',
  autobanNote: 'Nobody looks: flag only what is certain.',
  threshold: 'Threshold',
  precision: 'precision',
  recall: 'recall',
  curveLabel: 'Precision and recall by threshold. At {threshold}: precision {precision}, recall {recall}.',
  curvePoints: 'Precision and recall of the three policies: {points}.',
  onCurve: '{precision} of what is flagged is toxic, {recall} of what is toxic is flagged.',
  noCurve: 'Of this model only the thresholds of the policies were measured.',
  whyTitle: 'What speaks for it',
  whyEmpty: 'The words that make the score will be marked here.',
  whyNote: 'The denser, the more it counts: {words}.',
  whyNone: 'Nothing in the text speaks for toxicity.',
  curlTitle: 'The same with curl',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Selected: copy it with the keyboard',
  linesLabel: 'Comments, one a line',
  linesPlaceholder: 'Each line is a comment',
  fileTitle: 'Or a file',
  fileLabel: 'Choose a file',
  dropHere: 'Drop a CSV or text file here',
  column: 'Column of the comment',
  columnNumber: 'column {n}',
  fileSaid: '{name}: {rows} rows',
  batchStart: 'Score',
  cancel: 'Stop',
  save: 'Download CSV',
  batchThreshold: 'Threshold {threshold}, as on the tab “Comment”',
  progress: 'Progress',
  batchRunning: '{done} of {all}',
  batchWaiting: '{done} of {all}, the server asks to wait for {s} s',
  batchDone: 'Done: {all}, {toxic} of them toxic ({share})',
  batchStopped: 'Stopped: {done} of {all}, {toxic} of them toxic',
  batchUnscored: 'without a score: {n} (empty or longer than {max} characters)',
  batchEmpty: 'Paste lines or choose a file.',
  results: 'Results',
  scoreColumn: 'Score',
  firstRows: 'The first {n} are shown; the file will have all.',
  unscored: 'no score',
  modelVersion: 'Version',
  modelCreated: 'Trained',
  modelServed: 'Answers',
  modelData: 'Data',
  modelDataRows: '{name}: {total} rows, {test} of them set aside for the test',
  modelQuality: 'Quality on the comments set aside',
  modelMeasure: 'Figure',
  modelPolicies: 'Policies',
  modelPolicy: 'Policy',
  modelFiles: 'Files',
  modelFile: 'File',
  modelBytes: 'Bytes',
  modelPlots: 'Plots',
  plot_roc_pr: 'ROC, and precision against recall',
  plot_confusion: 'Confusion matrices',
  plot_thresholds: 'What a threshold costs',
  plot_calibration: 'Calibration: how many of those scored so are toxic',
  privacy: 'Texts go to this server alone, and into neither its log nor its metrics.',
  noServer: 'The server does not answer.',
  tooLong: 'The text is longer than {max} characters; the server does not take it.',
  waitSeconds: 'The server asks to wait for {s} s.',
};

const words: Record<Language, Record<Word, string>> = { ru, en };

let language: Language = 'ru';
const listeners: (() => void)[] = [];

/** What is said in the language of the page; `{name}` is replaced by the value of that name. */
export function say(word: Word, values: Record<string, string | number> = {}): string {
  return words[language][word].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

export function isWord(text: string): text is Word {
  return text in ru;
}

export function currentLanguage(): Language {
  return language;
}

/** `render` is called now and whenever the language changes. */
export function inEveryLanguage(render: () => void): void {
  listeners.push(render);
  render();
}

export function setLanguage(to: Language): void {
  language = to;
  for (const render of listeners) render();
}

export function percent(share: number, digits = 0): string {
  return number(share, { style: 'percent', maximumFractionDigits: digits });
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return value.toLocaleString(language, options);
}

/** A threshold or a score, to so many places as tell two apart. */
export function fraction(value: number, digits = 2): string {
  return number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
