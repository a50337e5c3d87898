import { describe, expect, it } from '@jest/globals';
import { normalize } from '../../src/text/normalize.js';

const text = (original: string): string => normalize(original).text;

describe('characters', () => {
  it.each([
    ['upper case', 'Привет, МИР', 'привет, мир'],
    ['ё', 'Ещё ёлка', 'еще елка'],
    ['decomposed ё and й', 'Е\u0308жик и\u0306од', 'ежик йод'],
    ['stress accents and piles of marks', 'за\u0301мок з\u0336\u0337\u0338а\u0489мок', 'замок замок'],
    ['soft hyphen, zero-width, bidi controls', 'де\u00ADби\u200Bл \u202Eда\u202C\uFEFF', 'дебил да'],
    ['control characters and NUL', 'д\u0000е\u0007бил', 'дебил'],
    ['variation selectors and skin tones', '❤\uFE0F👍🏽', '❤👍'],
    ['full width and mathematical letters', 'Ｗｉ－Ｆｉ 𝐀𝒃', 'wi-fi ab'],
    ['ligatures', 'ﬁn', 'fin'],
    ['one character for several', '⒜ ㎡', 'a m2'],
    ['spaces of all kinds', '  а\u00A0\u2003 б\r\n\tв ', 'а б в'],
    ['dashes and quotes', '«да» — “нет” – ‚ну‘', '"да" - "нет" - \'ну\''],
    ['Ukrainian and pre-reform letters', 'дебіл вѣра їжак є', 'дебил вера ижак е'],
    ['lone surrogates', 'де\uD800бил\uDC00', 'дебил'],
    ['signs that must not become letters', '№5 Apple™ ½', '№<number> apple™ ½'],
  ])('%s', (_, original, expected) => {
    expect(text(original)).toBe(expected);
  });

  it('gives the same for composed and decomposed letters', () => {
    const original = 'Ещё чай, йод, Ёж, café';
    expect(text(original.normalize('NFD'))).toBe(text(original.normalize('NFC')));
  });
});

describe('tokens of their own', () => {
  it.each([
    ['см. https://example.com/a?b=1#c, там', 'см. <url>, там'],
    ['HTTP://EXAMPLE.COM', '<url>'],
    ['(http://example.com/x)', '(<url>)'],
    ['сайт example.ru.', 'сайт <url>.'],
    ['www.example.photos', '<url>'],
    ['тут t.me/somebody и vk.com/id1', 'тут <url> и <url>'],
    ['да.https://example.com', 'да.<url>'],
    ['пиши на Ivan.Petrov+x@mail.example.ru!', 'пиши на <email>!'],
    ['@ivan_petrov, привет', '<mention>, привет'],
    ['5 или 3,14 или 2.5', '<number> или <number> или <number>'],
    ['в 12:30, 01.02.2024', 'в <number>, <number>'],
    ['192.168.0.1', '<number>'],
  ])('%s', (original, expected) => {
    expect(text(original)).toBe(expected);
  });

  it.each([
    ['a link ends where Cyrillic begins', 'http://ты-дурак', '<url>ты-дурак'],
    ['also in its path', 'example.ru/дурак', '<url>дурак'],
    ['a forgotten space is no link', 'привет.как дела', 'привет.как дела'],
    ['a file is no link', 'index.php', 'index.php'],
    ['no host, no e-mail', 'a@b', 'a@b'],
    ['one letter is no mention', '@a', '@a'],
    ['a Cyrillic mention is readable', '@дурак', '@дурак'],
  ])('%s', (_, original, expected) => {
    expect(text(original)).toBe(expected);
  });
});

describe('stretched letters', () => {
  it.each([
    ['дуррррак', 'дурак'],
    ['НЕЕЕЕТ', 'нет'],
    ['ааааа', 'ааа'],
    ['coooool', 'cool'],
    ['ДуРрРак', 'дурак'],
  ])('%s is shortened', (original, expected) => {
    expect(text(original)).toBe(expected);
  });

  it.each(['аллея', 'длинный', 'зоопарк', 'ссср', 'ссср-овский', 'ооо', 'iii', 'viii', 'xxx', 'coffee'])(
    '%s stays',
    (original) => {
      expect(text(original)).toBe(original);
    },
  );
});

describe('look-alikes', () => {
  it.each([
    ['xуй', 'хуй'],
    ['xyй', 'хуй'],
    ['хuй', 'хуй'],
    ['дe6ил', 'дебил'],
    ['ДEБИЛ', 'дебил'],
    ['HАХУЙ', 'нахуй'],
    ['Bы', 'вы'],
    ['3аткнись', 'заткнись'],
    ['п1здец', 'пиздец'],
    ['г0вн0', 'говно'],
    ['е6у4ий', 'ебучий'],
    ['6лять', 'блять'],
    ['4то', 'что'],
    ['пuдop', 'пидор'],
    ['nидор', 'пидор'],
    ['rовно', 'говно'],
    ['бляdь', 'блядь'],
    ['блядb', 'блядь'],
    ['пiздец', 'пиздец'],
    ['с@ка', 'сука'],
    ['п@дла', 'падла'],
    ['х@й', 'хуй'],
    ['$ука', 'сука'],
    ['со$и', 'соси'],
    ['д€бил', 'дебил'],
    ['п!здец', 'пиздец'],
    ['дυрακ', 'дурак'],
    ["де'бил", 'дебил'],
    ['modеrator', 'moderator'],
  ])('%s is turned back', (original, expected) => {
    expect(text(original)).toBe(expected);
  });

  it.each([
    '3d-принтер',
    'iphone',
    'usb-кабель',
    'wi-fi',
    'cop',
    'cope',
    'cyka',
    'mp3',
    'h2o',
    'c++',
    'c#',
    'v1.0',
    'rock&roll',
    "don't",
    'pdfка',
    'itшник',
    'iphoneом',
    'qr-код',
    'привет!как',
    'да!нет',
  ])('%s stays', (original) => {
    expect(text(original)).toBe(original);
  });

  it.each([
    ['COVID-19', 'covid-<number>'],
    ['10-й', '<number>-й'],
    ['10й', '<number>й'],
    ['90х', '<number>х'],
    ['3го', '<number>го'],
    ['4часа', '<number>часа'],
    ['6лет', '<number>лет'],
    ['5этажный', '<number>этажный'],
    ['100к', '<number>к'],
    ['ми6', 'ми<number>'],
    ['т34', 'т<number>'],
    ['в 5 раз', 'в <number> раз'],
    ['100$', '<number>$'],
    ['5%', '<number>%'],
  ])('%s keeps its number', (original, expected) => {
    expect(text(original)).toBe(expected);
  });
});

describe('spelled-out words', () => {
  it.each([
    ['и д.у.р.а.к', 'и дурак'],
    ['я и в д-у-р-а-к', 'я и в дурак'],
    ['т.е. я и он', 'т.е. я и он'],
    ['д.е.б.и.л', 'дебил'],
    ['Д.Е.Б.И.Л.', 'дебил.'],
    ['д-е-б-и-л', 'дебил'],
    ['д_е_б_и_л', 'дебил'],
    ['д е б и л', 'дебил'],
    ['д. е. б. и. л', 'дебил'],
    ['д - е - б - и - л', 'дебил'],
    ['д...е...б...и...л', 'дебил'],
    ['д/е/б/и/л', 'дебил'],
    ['б*л*я*т*ь', 'блять'],
    ['х.у.й', 'хуй'],
    ['л-о-х', 'лох'],
    ['л*о*х', 'лох'],
    ['ты х у й, понял', 'ты хуй, понял'],
    ['с у к а', 'сука'],
    ['и д и о т', 'идиот'],
    ['x у й', 'хуй'],
    ['т у п о й', 'тупой'],
    ['С П А С И Б О', 'спасибо'],
  ])('%s is joined', (original, expected) => {
    expect(text(original)).toBe(expected);
  });

  it.each([
    'т.е.',
    'и т.д.',
    'и т.п.',
    'и т д',
    'т к я в',
    'и.т.д',
    'и.т.п. и.т.д',
    'к.т.н.',
    'ф.с.б.',
    'в т.ч.',
    'а) б) в)',
    'а, б, в, г, д',
    'я и ты',
    'а я и в',
    'и я с ним',
    'я и в',
    'план а и б',
    'график p s в россии',
    'что-то',
    'кто-нибудь',
    'р. п.',
    'а. с. пушкин',
    'а.с.пушкин',
    'г. москва',
    'м/ж',
    'б/у',
    'а-я',
    'н-нет',
  ])('%s stays', (original) => {
    expect(text(original)).toBe(original);
  });
});

describe('hidden letters', () => {
  it.each([
    ['х*й', 'х*й'],
    ['бл*ть', 'бл*ть'],
    ['п***ц', 'п**ц'],
    ['х**', 'х**'],
    ['бл*', 'бл*'],
    ['х#й', 'х*й'],
    ['п...ц', 'п**ц'],
    ['п*з*а', 'п*з*а'],
  ])('%s keeps a star', (original, expected) => {
    expect(text(original)).toBe(expected);
  });

  it.each(['**эй**', '*эй*', 'цена*', 'н..нет', 'ну..да', '<number> * <number>'])('%s stays', (original) => {
    expect(text(original)).toBe(original);
  });
});

describe('origins', () => {
  it('say for each unit where it came from', () => {
    expect(normalize('Да\u0301, хуууй')).toEqual({
      text: 'да, хуй',
      starts: Int32Array.of(0, 1, 3, 4, 5, 6, 9),
      ends: Int32Array.of(1, 3, 4, 5, 6, 9, 10),
    });
  });
});
