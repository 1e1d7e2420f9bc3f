package main

// country is where a guest lives.
type country struct {
	zone   string
	phone  string // a format for two digits; a range kept free for fiction where there is one
	suffix string // of a company's name
	first  string // ten names, each with its spelling in an email address
	last   string // likewise
}

var countries = [10]country{
	{
		"America/New_York", "+1-212-555-01%02d", ", Inc.",
		"Emma/emma, Liam/liam, Olivia/olivia, Noah/noah, Ava/ava, Mason/mason, Sophia/sophia, Ethan/ethan, Mary Ann/maryann, Caleb/caleb",
		"Smith/smith, Johnson/johnson, Williams/williams, Brown/brown, Jones/jones, Miller/miller, Davis/davis, Carter-Hill/carter-hill, Moore/moore, Taylor/taylor",
	},
	{
		"Europe/Berlin", "+49 (0)30 23125 0%02d", " GmbH",
		"Jürgen/juergen, Anke/anke, Sören/soeren, Heike/heike, Matthias/matthias, Ulrike/ulrike, Jörg/joerg, Birgit/birgit, Klaus-Peter/klaus-peter, Käthe/kaethe",
		"Müller/mueller, Schäfer/schaefer, Weiß/weiss, Köhler/koehler, von der Heide/vonderheide, Krüger/krueger, Schröder/schroeder, Jäger/jaeger, Vogel/vogel, Groß/gross",
	},
	{
		"Europe/Warsaw", "+48 22 000 00%02d", " Sp. z o.o.",
		"Łukasz/lukasz, Małgorzata/malgorzata, Paweł/pawel, Agnieszka/agnieszka, Michał/michal, Bożena/bozena, Grzegorz/grzegorz, Żaneta/zaneta, Wojciech/wojciech, Jagoda/jagoda",
		"Wiśniewski/wisniewski, Wójcik/wojcik, Kowalczyk/kowalczyk, Zieliński/zielinski, Woźniak/wozniak, Jabłoński/jablonski, Król/krol, Dąbrowski/dabrowski, Pająk/pajak, Sęk/sek",
	},
	{
		"Asia/Tokyo", "+81 3-0000-00%02d", " K.K.",
		"太郎/taro, 花子/hanako, 健/ken, 美咲/misaki, 翔太/shota, さくら/sakura, 大輔/daisuke, 陽子/yoko, 誠/makoto, 葵/aoi",
		"山田/yamada, 佐藤/sato, 鈴木/suzuki, 高橋/takahashi, 田中/tanaka, 渡辺/watanabe, 伊藤/ito, 中村/nakamura, 小林/kobayashi, 加藤/kato",
	},
	{
		"Asia/Ho_Chi_Minh", "+84 28 0000 00%02d", " Co., Ltd",
		"Thị Hương/huong, Văn Đức/duc, Linh/linh, Quốc Bảo/bao, Thảo/thao, Minh/minh, Ngọc/ngoc, Tuấn/tuan, Yến/yen, Phước/phuoc",
		"Nguyễn/nguyen, Trần/tran, Lê/le, Phạm/pham, Hoàng/hoang, Vũ/vu, Đặng/dang, Bùi/bui, Đỗ/do, Ngô/ngo",
	},
	{
		"Europe/Dublin", "+353 20 910 01%02d", " Ltd",
		"Seán/sean, Aoife/aoife, Ciarán/ciaran, Niamh/niamh, Pádraig/padraig, Siobhán/siobhan, Conor/conor, Gráinne/grainne, Declan/declan, Róisín/roisin",
		"O'Brien/o'brien, Murphy/murphy, O'Sullivan/osullivan, Kelly/kelly, Byrne/byrne, Ní Dhomhnaill/nidhomhnaill, Walsh/walsh, O’Connor/oconnor, McCarthy/mccarthy, Doyle/doyle",
	},
	{
		"America/Sao_Paulo", "+55 11 0000-00%02d", " Ltda.",
		"João/joao, Conceição/conceicao, Luís/luis, Antônia/antonia, Fábio/fabio, Márcia/marcia, Inácio/inacio, Letícia/leticia, Caio/caio, Débora/debora",
		"Silva/silva, Gonçalves/goncalves, dos Santos/santos, Araújo/araujo, Magalhães/magalhaes, Simões/simoes, Ribeiro/ribeiro, Galvão/galvao, Lopes/lopes, Corrêa/correa",
	},
	{
		"Europe/Kyiv", "+380 44 000 00%02d", " TOV",
		"Олена/olena, Тарас/taras, Ірина/iryna, Богдан/bohdan, Наталія/nataliia, Андрій/andrii, Юлія/yuliia, Сергій/serhii, Йосип/yosyp, Мар'яна/mariana",
		"Шевченко/shevchenko, Коваленко/kovalenko, Бондаренко/bondarenko, Ткаченко/tkachenko, Кравченко/kravchenko, Олійник/oliinyk, Лисенко/lysenko, Мороз/moroz, Гаврилюк/havryliuk, Савчук/savchuk",
	},
	{
		"Asia/Kolkata", "+91 11 0000 00%02d", " Pvt. Ltd.",
		"Priya/priya, Arjun/arjun, Ananya/ananya, Rohan/rohan, Kavya/kavya, Vikram/vikram, Meera/meera, Sanjay/sanjay, अमित/amit, Lakshmi/lakshmi",
		"Sharma/sharma, Patel/patel, Iyer/iyer, Reddy/reddy, Gupta/gupta, Nair/nair, Banerjee/banerjee, Kulkarni/kulkarni, देसाई/desai, D'Souza/dsouza",
	},
	{
		"Africa/Cairo", "+20 2 0000 00%02d", " S.A.E.",
		"أحمد/ahmed, فاطمة/fatma, Youssef/youssef, Mariam/mariam, Omar/omar, Nour/nour, Khaled/khaled, Salma/salma, Tarek/tarek, Hoda/hoda",
		"حسن/hassan, El-Sayed/elsayed, Mahmoud/mahmoud, Abdel Rahman/abdelrahman, Farouk/farouk, Mansour/mansour, Saleh/saleh, Zaki/zaki, Naguib/naguib, Haddad/haddad",
	},
}

var companies = []struct{ name, site string }{
	{"Harbor Data", "harbor-data.example.com"},
	{"Blue Fern", "blue-fern.example.org"},
	{"Nordstern", "nordstern.example.net"},
	{"Cobalt & Clay", "cobalt-clay.example.com"},
	{"Third Floor Studio", "third-floor.example.org"},
	{"Lumen, Lens & Light", "lumen.example.net"},
	{"Quartz Legal", "quartz-legal.example.com"},
	{"Café Orbital", "cafe-orbital.example.org"},
	{"Meridian Freight", "meridian-freight.example.net"},
	{`The "Good" Print Shop`, "good-print.example.com"},
	{"Olive Grove Foods", "olive-grove.example.com"},
	{"Paper Kite", "paper-kite.example.org"},
	{"Riverbend Surveyors", "riverbend.example.net"},
}

var statuses = []string{"active", "prospect", "", "on hold", "active", "onboarding", "alumni 2023"}

var opportunities = []string{
	"Office move",
	"Renewal, year 2",
	`Phase 1 ("quick start")`,
	"Data migration\nincluding archive",
	"Brand refresh – spring",
	"+2 seats",
	"Audit & tax",
	"24/7 support",
}
